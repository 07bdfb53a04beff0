import { aggregateCase } from './aggregate-case.ts';
import type { Subjects } from './alternation.ts';
import { ceilingCase } from './ceiling-case.ts';
import { closedLoop } from './closed-loop.ts';
import { type Cores, pinThisProcess } from './cores.ts';
import { type GatewayProcess, startGateway } from './gateway-process.ts';
import { jsonCase } from './json-case.ts';
import { memoryCase } from './memory-case.ts';
import { type MockBackEnd, openMockBackEnd } from './mock-back-end.ts';
import { startNginx } from './nginx.ts';
import type { Plan } from './plan.ts';
import { rateCase } from './rate-case.ts';
import type { CaseResult } from './result.ts';
import { streamCase } from './stream-case.ts';
import { plainExchange } from './traffic.ts';
import { vanishCase } from './vanish-case.ts';

export interface GatewayBenchOptions {
  readonly cores: Cores;
  readonly nginxPath: string;
  readonly plan: Plan;
  /** Called with each case as it is done. */
  readonly tell: (result: CaseResult) => void;
}

/** Runs every case of the gateway bench; this process becomes the load generator and moves to its core. */
export async function gatewayBench({
  cores,
  nginxPath,
  plan,
  tell,
}: GatewayBenchOptions): Promise<CaseResult[]> {
  pinThisProcess(cores.load);
  const results: CaseResult[] = [];
  const note = (result: CaseResult): void => {
    results.push(result);
    tell(result);
  };
  const mock = await openMockBackEnd();
  const start = {
    gateway: () => startGateway({ core: cores.gateway, backEndPort: mock.port }),
    nginx: () => startNginx(nginxPath, cores.gateway, mock.port),
  };
  note(await ceilingCase(mock, plan));
  note(await memoryCase(start, mock, plan));
  const subjects = { gateway: await start.gateway(), nginx: await start.nginx() };
  await warmUp(subjects, plan);
  await comparisons(subjects, mock, plan, note);
  await Promise.all([subjects.gateway.stop(), subjects.nginx.stop()]);
  const always = await startGateway({ core: cores.gateway, backEndPort: mock.port, mode: 'always' });
  note(await aggregateCase(always, plan));
  await always.stop();
  await mock.close();
  return results;
}

async function comparisons(
  subjects: Subjects<GatewayProcess>,
  mock: MockBackEnd,
  plan: Plan,
  note: (result: CaseResult) => void,
): Promise<void> {
  for (const connections of [1, 32, 256]) note(await jsonCase(subjects, connections, plan));
  if (!plan.isQuick) note(await rateCase(subjects, plan));
  for (const streams of [64, 500]) note(await streamCase(subjects, streams, plan));
  if (!plan.isQuick) note(await jsonCase(subjects, 32, plan, 'AfterStreams'));
  note(await vanishCase(subjects, mock, plan));
}

/** V8 compiles for some seconds, on the gateway's own core; later streams would change its heap (see the last case). */
async function warmUp({ gateway, nginx }: Subjects, plan: Plan): Promise<void> {
  for (const [port, durationMs] of [
    [nginx.port, 300],
    [gateway.port, plan.warmUpMs],
  ] as const) {
    const plain = closedLoop(port, 32, plainExchange());
    await plain.runFor(durationMs);
    plain.close();
  }
}
