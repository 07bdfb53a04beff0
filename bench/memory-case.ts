import { setTimeout as sleep } from 'node:timers/promises';
import { closedLoop } from './closed-loop.ts';
import { LoadConnection } from './load-connection.ts';
import type { MockBackEnd } from './mock-back-end.ts';
import type { Plan } from './plan.ts';
import { rssMb } from './process-usage.ts';
import type { CaseResult, Row } from './result.ts';
import { median, spreadOf } from './statistics.ts';
import type { Subject } from './subject.ts';
import { plainExchange, streamExchange } from './traffic.ts';

const streams = 1_000;
/** Slow enough that 1 000 streams leave time to breathe, and that none ends while memory is read. */
const pauseMs = 100;

interface MemorySample {
  readonly perStreamsMb: number;
  readonly withStreamsMb: number;
  /** Streams that did not begin. */
  readonly missing: number;
}

/** Resident memory that 1 000 open streams add to a process that has served for a while; a fresh one each time. */
export async function memoryCase(
  start: Readonly<Record<Subject['name'], () => Promise<Subject>>>,
  mock: MockBackEnd,
  plan: Plan,
): Promise<CaseResult> {
  const samples: Record<Subject['name'], MemorySample[]> = { gateway: [], nginx: [] };
  for (let round = 0; round < (plan.isQuick ? 1 : plan.rounds); round += 1) {
    // The yardstick's memory bounds nothing; a quick run leaves it out.
    for (const name of plan.isQuick ? (['gateway'] as const) : (['gateway', 'nginx'] as const)) {
      const subject = await start[name]();
      samples[name].push(await memorySample(subject, mock, plan));
      await subject.stop();
    }
  }
  const row = (title: string, pick: (sample: MemorySample) => number, figure: string): Row => ({
    title,
    unit: 'MB',
    gateway: spreadOf(samples.gateway.map(pick)),
    ...(plan.isQuick ? {} : { nginx: spreadOf(samples.nginx.map(pick)) }),
    figure,
  });
  const missing = (name: Subject['name']): number =>
    samples[name].reduce((sum, sample) => sum + sample.missing, 0);
  return {
    name: 'memory',
    failed: { gateway: missing('gateway'), nginx: missing('nginx') },
    rows: [
      row('Memory added by 1 000 streams', (sample) => sample.perStreamsMb, 'rssPer1000StreamsMb'),
      row('Memory with 1 000 streams', (sample) => sample.withStreamsMb, 'rssWith1000StreamsMb'),
    ],
  };
}

async function memorySample(subject: Subject, mock: MockBackEnd, plan: Plan): Promise<MemorySample> {
  await warm(subject.port, plan);
  const beforeMb = rssMb(subject.pid);
  mock.behave({ kind: 'answer', pauseMs });
  const { request, answer } = streamExchange();
  const connections = Array.from({ length: streams }, () => new LoadConnection(subject.port));
  for (const [index, connection] of connections.entries()) {
    connection.exchange(request, answer, () => {});
    if (index % 20 === 19) await sleep(5);
  }
  await sleep(plan.memorySettleMs);
  const readings: number[] = [];
  for (let waitedMs = 0; waitedMs < plan.memoryReadMs; waitedMs += 50) {
    await sleep(50);
    readings.push(rssMb(subject.pid));
  }
  const open = connections.filter((connection) => connection.isBusy && connection.bodyBytes > 0).length;
  for (const connection of connections) connection.vanish();
  mock.behave({ kind: 'answer', pauseMs: 10 });
  const withStreamsMb = median(readings);
  return {
    perStreamsMb: ((withStreamsMb - beforeMb) / open) * 1_000,
    withStreamsMb,
    missing: streams - open,
  };
}

async function warm(port: number, plan: Plan): Promise<void> {
  const plain = closedLoop(port, 32, plainExchange());
  await plain.runFor(plan.warmUpMs / 3);
  plain.close();
  const streaming = closedLoop(port, 64, streamExchange());
  await streaming.runTimes(1, 0);
  streaming.close();
  await sleep(300);
}
