import { alternate, compare, type Subjects } from './alternation.ts';
import { closedLoop } from './closed-loop.ts';
import { failuresOf } from './failures.ts';
import type { GatewayProcess, LoopDelay } from './gateway-process.ts';
import { answersPerSecond, firstByteMedianMs, type LoadSample, sampleLoad } from './load-sample.ts';
import type { Plan } from './plan.ts';
import { type CaseResult, comparisonRow } from './result.ts';
import type { Subject } from './subject.ts';
import { eventsPerStream, streamExchange } from './traffic.ts';

/** The callers of a window begin within this time, so that their events do not come all at once. */
const staggerMs = 200;

const cpuUsPerEvent = (sample: LoadSample): number =>
  (sample.cpuMs * 1_000) / (sample.answers * eventsPerStream);

/** So many streams at once, 100 events each with 10 ms between two. Costs are those of whole streams. */
export async function streamCase(
  subjects: Subjects<GatewayProcess>,
  streams: number,
  plan: Plan,
): Promise<CaseResult & { readonly loop: readonly LoopDelay[] }> {
  const loads = {
    gateway: closedLoop(subjects.gateway.port, streams, streamExchange()),
    nginx: closedLoop(subjects.nginx.port, streams, streamExchange()),
  };
  const loop: LoopDelay[] = [];
  const measure = async (subject: Subject): Promise<LoadSample> => {
    if (subject.name === 'gateway') await subjects.gateway.watchLoop();
    const sample = await sampleLoad(subject, () =>
      loads[subject.name].runTimes(plan.streamsPerCaller, staggerMs),
    );
    if (subject.name === 'gateway') loop.push(await subjects.gateway.loopDelay());
    return sample;
  };
  const rounds = await alternate(plan.rounds, subjects, measure);
  loads.gateway.close();
  loads.nginx.close();
  const title = (what: string): string => `SSE, ${streams} streams: ${what}`;
  const perSecond = compare(rounds, (sample) => answersPerSecond(sample) * eventsPerStream);
  const cpu = compare(rounds, cpuUsPerEvent);
  const firstByte = compare(rounds, firstByteMedianMs);
  // With more streams the callers' own core is as full as the gateway's, and the time says nothing.
  const ttftFigure = streams === 64 ? 'ttftOverNginxP50Ms' : undefined;
  return {
    name: `sse${streams}`,
    failed: failuresOf(rounds),
    loop,
    rows: [
      comparisonRow(title('CPU per event'), 'µs', cpu, 'ratio', `cpuPerEventRatio${streams}`),
      comparisonRow(title('first event p50'), 'ms', firstByte, 'difference', ttftFigure),
      comparisonRow(title('events'), '1/s', perSecond, 'ratio'),
    ],
  };
}
