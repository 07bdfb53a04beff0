import { alternate, compare, type Subjects } from './alternation.ts';
import { closedLoop } from './closed-loop.ts';
import { failuresOf } from './failures.ts';
import type { GatewayProcess } from './gateway-process.ts';
import {
  answersPerSecond,
  busyShare,
  cpuUsPerAnswer,
  type LoadSample,
  sampleLoad,
  totalQuantileMs,
  waitedShare,
} from './load-sample.ts';
import { LoopWatch } from './loop-watch.ts';
import type { Plan } from './plan.ts';
import { type CaseResult, comparisonRow } from './result.ts';
import type { Subject } from './subject.ts';
import { plainExchange } from './traffic.ts';
import { stayAwake } from './wakefulness.ts';

/**
 * Plain JSON, 1 kB asked and 2 kB answered, closed loop over so many keep-alive connections. `when` tells a second run
 * in another state of the gateway from the first.
 */
export async function jsonCase(
  subjects: Subjects<GatewayProcess>,
  connections: number,
  plan: Plan,
  when: '' | 'AfterStreams' = '',
): Promise<CaseResult> {
  const loads = {
    gateway: closedLoop(subjects.gateway.port, connections, plainExchange()),
    nginx: closedLoop(subjects.nginx.port, connections, plainExchange()),
  };
  const loop = new LoopWatch(subjects.gateway);
  const measure = async (subject: Subject): Promise<LoadSample> => {
    const load = loads[subject.name];
    // Connections that rested too long are opened again before the window.
    await load.runTimes(1, 0);
    return loop.during(subject, () => sampleLoad(subject, () => load.runFor(plan.windowMs)));
  };
  const rest = stayAwake();
  const rounds = await alternate(plan.rounds, subjects, measure);
  rest();
  loads.gateway.close();
  loads.nginx.close();
  const of = (figure: (sample: LoadSample) => number) => compare(rounds, figure);
  const then = when === '' ? '' : ' after streams';
  const title = (what: string): string => `JSON, ${connections} connections${then}: ${what}`;
  const n = `${connections}${when}`;
  return {
    name: `json${n}`,
    failed: failuresOf(rounds),
    rows: [
      comparisonRow(title('answers'), '1/s', of(answersPerSecond), 'ratio', `jsonRatio${n}`),
      comparisonRow(title('CPU per answer'), 'µs', of(cpuUsPerAnswer), 'ratio', `jsonCpuRatio${n}`),
      comparisonRow(title('p50'), 'ms', of(totalQuantileMs(0.5)), 'difference'),
      comparisonRow(title('p99'), 'ms', of(totalQuantileMs(0.99)), 'difference'),
      comparisonRow(title('share of its core that it used'), '', of(busyShare)),
      comparisonRow(
        title('share of the time that others kept it from its core'),
        '',
        of(waitedShare),
        undefined,
        `waitedShare${n}`,
      ),
      loop.row(title('event-loop delay p99.9'), `loopDelayP999MsJson${n}`),
    ],
  };
}
