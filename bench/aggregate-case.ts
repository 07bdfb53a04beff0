import { closedLoop } from './closed-loop.ts';
import { type LoadSample, sampleLoad } from './load-sample.ts';
import type { Plan } from './plan.ts';
import type { CaseResult } from './result.ts';
import { spreadOf } from './statistics.ts';
import type { Subject } from './subject.ts';
import { benchModel, plainExchange, streamedText } from './traffic.ts';

const callers = 64;

/** Plain answers that the gateway puts together from streams of 100 events (`stream: always`). No yardstick does so. */
export async function aggregateCase(gateway: Subject, plan: Plan): Promise<CaseResult> {
  const load = closedLoop(gateway.port, callers, { request: plainExchange().request, answer: isAggregate });
  await load.runTimes(plan.isQuick ? 1 : 3, 200);
  const samples: LoadSample[] = [];
  for (let round = 0; round < plan.rounds; round += 1)
    samples.push(await sampleLoad(gateway, () => load.runTimes(plan.streamsPerCaller, 200)));
  load.close();
  return {
    name: 'aggregate',
    failed: { gateway: samples.reduce((sum, sample) => sum + sample.failed, 0), nginx: 0 },
    rows: [
      {
        title: 'CPU per plain answer put together from 100 events',
        unit: 'ms',
        gateway: spreadOf(samples.map((sample) => sample.cpuMs / sample.answers)),
        figure: 'aggregateCpuMs',
      },
    ],
  };
}

/** The whole text, the end and the usage of the stream, in the form of a plain answer. */
export function isAggregate(body: Buffer): boolean {
  try {
    const { object, model, choices, usage } = JSON.parse(body.toString()) as PlainAnswer;
    const [choice] = choices;
    return (
      object === 'chat.completion' &&
      model === benchModel &&
      choice?.message.content === streamedText() &&
      choice.finish_reason === 'stop' &&
      usage.total_tokens === 308
    );
  } catch {
    return false;
  }
}

interface PlainAnswer {
  readonly object: string;
  readonly model: string;
  readonly choices: readonly {
    readonly message: { readonly content: string };
    readonly finish_reason: string;
  }[];
  readonly usage: { readonly total_tokens: number };
}
