import { alternate, compare, type Subjects } from './alternation.ts';
import { closedLoop } from './closed-loop.ts';
import { failuresOf } from './failures.ts';
import type { GatewayProcess } from './gateway-process.ts';
import {
  answersPerSecond,
  busyShare,
  firstByteMedianMs,
  type LoadSample,
  sampleLoad,
} from './load-sample.ts';
import { LoopWatch } from './loop-watch.ts';
import type { Plan } from './plan.ts';
import { type CaseResult, comparisonRow } from './result.ts';
import { eventsPerStream, streamExchange } from './traffic.ts';

/** The callers of a window begin within this time, so that their events do not come all at once. */
const staggerMs = 150;
/** Of each caller, before the first window. */
const warmUpStreams = 3;

/** So many streams at once, 100 events each with 10 ms between two. Costs are those of whole streams. */
export async function streamCase(
  subjects: Subjects<GatewayProcess>,
  streams: number,
  plan: Plan,
): Promise<CaseResult> {
  const loads = {
    gateway: closedLoop(subjects.gateway.port, streams, streamExchange()),
    nginx: closedLoop(subjects.nginx.port, streams, streamExchange()),
  };
  const loop = new LoopWatch(subjects.gateway);
  // V8 compiles what streams alone use.
  await loads.gateway.runTimes(warmUpStreams, staggerMs);
  const rounds = await alternate(streamRounds(streams, plan), subjects, (subject) =>
    loop.during(subject, () =>
      sampleLoad(subject, () => loads[subject.name].runTimes(plan.streamsPerCaller, staggerMs)),
    ),
  );
  loads.gateway.close();
  loads.nginx.close();
  const of = (figure: (sample: LoadSample) => number) => compare(rounds, figure);
  const title = (what: string): string => `SSE, ${streams} streams: ${what}`;
  // With more streams the callers' own core is full as well, and the time says little about the gateway.
  const ttft = streams === 64 ? 'ttftOverNginxP50Ms' : undefined;
  return {
    name: `sse${streams}`,
    failed: failuresOf(rounds),
    rows: [
      comparisonRow(title('CPU per event'), 'µs', of(cpuUsPerEvent), 'ratio', `cpuPerEventRatio${streams}`),
      comparisonRow(title('first event p50'), 'ms', of(firstByteMedianMs), 'difference', ttft),
      comparisonRow(title('events'), '1/s', of(eventsPerSecond), 'ratio'),
      comparisonRow(title('share of its core that it used'), '', of(busyShare)),
      loop.row(title('event-loop delay p99.9'), `loopDelayP999MsSse${streams}`),
    ],
  };
}

const cpuUsPerEvent = (sample: LoadSample): number =>
  (sample.cpuMs * 1_000) / (sample.answers * eventsPerStream);

const eventsPerSecond = (sample: LoadSample): number => answersPerSecond(sample) * eventsPerStream;

/** A quick run has time for one round of the many streams. */
const streamRounds = (streams: number, plan: Plan): number =>
  plan.isQuick && streams > 64 ? Math.ceil(plan.rounds / 2) : plan.rounds;
