import { setTimeout as sleep } from 'node:timers/promises';
import { closedLoop } from './closed-loop.ts';
import { type Cores, pinThisProcess } from './cores.ts';
import { startGateway } from './gateway-process.ts';
import { LoadConnection } from './load-connection.ts';
import { openMockBackEnd } from './mock-back-end.ts';
import { openLoop } from './open-loop.ts';
import { rssMb } from './process-usage.ts';
import type { Point } from './statistics.ts';
import { plainExchange, streamExchange } from './traffic.ts';

export interface SoakOptions {
  readonly cores: Cores;
  readonly minutes: number;
  /** Told about twelve times in a run. */
  readonly tell: (line: string) => void;
}

export interface SoakSeen {
  /** Resident memory of the gateway, MB over seconds since the start. */
  readonly memory: readonly Point[];
  readonly answers: number;
  readonly streams: number;
  /** Callers who left in the middle of a stream. */
  readonly vanished: number;
  readonly failed: number;
  /** V8's heap after a full collection, MB: idle before the load and idle after it. Tells a leak from a lazy heap. */
  readonly liveHeapMb: readonly [number, number];
}

/** At once, all the time: plain requests at a fixed rate, streams without end, callers who vanish in mid-stream. */
const plainPerSecond = 300;
const streamCallers = 100;
const vanishingPerSecond = 10;
/** The run is cut into pieces of this length, after each of which the counts are read. */
const pieceMs = 5_000;

/** Keeps one gateway busy for so many minutes and samples its memory. */
export async function soakGateway({ cores, minutes, tell }: SoakOptions): Promise<SoakSeen> {
  pinThisProcess(cores.load);
  const mock = await openMockBackEnd();
  const gateway = await startGateway({ core: cores.gateway, backEndPort: mock.port });
  const idleHeapMb = await gateway.liveHeapMb();
  const memory: Point[] = [];
  const counts = { answers: 0, streams: 0, vanished: 0, failed: 0 };
  const startedMs = performance.now();
  const untilMs = startedMs + minutes * 60_000;
  const vanishing = setInterval(() => {
    vanishOne(gateway.port);
    counts.vanished += 1;
  }, 1_000 / vanishingPerSecond);
  const sampling = setInterval(
    () => memory.push({ x: (performance.now() - startedMs) / 1_000, y: rssMb(gateway.pid) }),
    Math.max(250, (minutes * 60_000) / 360),
  );
  const telling = setInterval(
    () =>
      tell(`${Math.round((performance.now() - startedMs) / 1_000)} s, ${Math.round(rssMb(gateway.pid))} MB`),
    (minutes * 60_000) / 12,
  );
  await Promise.all([
    plainPieces(gateway.port, untilMs, counts),
    streamPieces(gateway.port, untilMs, counts),
  ]);
  for (const timer of [vanishing, sampling, telling]) clearInterval(timer);
  // The last callers who vanish do so within this time.
  await sleep(1_000);
  const liveHeapMb = [idleHeapMb, await gateway.liveHeapMb()] as const;
  await gateway.stop();
  await mock.close();
  return { memory, ...counts, liveHeapMb };
}

type Counts = { answers: number; streams: number; failed: number };

async function plainPieces(port: number, untilMs: number, counts: Counts): Promise<void> {
  const exchange = plainExchange();
  for (let leftMs = untilMs - performance.now(); leftMs > 0; leftMs = untilMs - performance.now()) {
    const durationMs = Math.min(pieceMs, leftMs);
    const seen = await openLoop({ port, exchange, perSecond: plainPerSecond, durationMs });
    counts.answers += seen.answers;
    counts.failed += seen.failed;
  }
}

async function streamPieces(port: number, untilMs: number, counts: Counts): Promise<void> {
  const load = closedLoop(port, streamCallers, streamExchange());
  for (let leftMs = untilMs - performance.now(); leftMs > 0; leftMs = untilMs - performance.now()) {
    const seen = await load.runFor(Math.min(pieceMs, leftMs));
    counts.streams += seen.answers;
    counts.failed += seen.failed;
  }
  load.close();
}

/** Leaves anywhere between the head and the end of a stream of about a second. */
function vanishOne(port: number): void {
  const { request, answer } = streamExchange();
  const connection = new LoadConnection(port);
  connection.exchange(request, answer, () => {});
  setTimeout(() => connection.vanish(), 50 + Math.random() * 700);
}
