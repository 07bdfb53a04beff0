import { alternate, compare, type Subjects } from './alternation.ts';
import { closedLoop } from './closed-loop.ts';
import type { GatewayProcess, LoopDelay } from './gateway-process.ts';
import {
  answersPerSecond,
  busyShare,
  cpuUsPerAnswer,
  type LoadSample,
  sampleLoad,
  totalQuantileMs,
} from './load-sample.ts';
import { failuresOf } from './failures.ts';
import type { Plan } from './plan.ts';
import { type CaseResult, comparisonRow } from './result.ts';
import type { Subject } from './subject.ts';
import { plainExchange } from './traffic.ts';

/** Plain JSON, 1 kB asked and 2 kB answered, closed loop over so many keep-alive connections. */
export async function jsonCase(
  subjects: Subjects<GatewayProcess>,
  connections: number,
  plan: Plan,
): Promise<CaseResult & { readonly loop: readonly LoopDelay[] }> {
  const loads = {
    gateway: closedLoop(subjects.gateway.port, connections, plainExchange()),
    nginx: closedLoop(subjects.nginx.port, connections, plainExchange()),
  };
  const loop: LoopDelay[] = [];
  const measure = async (subject: Subject): Promise<LoadSample> => {
    const load = loads[subject.name];
    await load.runTimes(1, 0);
    if (subject.name === 'gateway') await subjects.gateway.watchLoop();
    const sample = await sampleLoad(subject, () => load.runFor(plan.windowMs));
    if (subject.name === 'gateway') loop.push(await subjects.gateway.loopDelay());
    return sample;
  };
  const rounds = await alternate(plan.rounds, subjects, measure);
  loads.gateway.close();
  loads.nginx.close();
  const title = (what: string): string => `JSON, ${connections} connections: ${what}`;
  const figure = (name: string): string => `${name}${connections}`;
  return {
    name: `json${connections}`,
    failed: failuresOf(rounds),
    loop,
    rows: [
      comparisonRow(title('answers'), '1/s', compare(rounds, answersPerSecond), 'ratio', figure('jsonRatio')),
      comparisonRow(
        title('CPU per answer'),
        'µs',
        compare(rounds, cpuUsPerAnswer),
        'ratio',
        figure('jsonCpuRatio'),
      ),
      comparisonRow(title('share of its core'), '', compare(rounds, busyShare), 'ratio'),
      comparisonRow(title('p50'), 'ms', compare(rounds, totalQuantileMs(0.5)), 'difference'),
      comparisonRow(title('p99'), 'ms', compare(rounds, totalQuantileMs(0.99)), 'difference'),
    ],
  };
}
