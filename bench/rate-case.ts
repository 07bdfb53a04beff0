import { alternate, compare, type Subjects } from './alternation.ts';
import { failuresOf } from './failures.ts';
import { sampleLoad, totalQuantileMs } from './load-sample.ts';
import { openLoop } from './open-loop.ts';
import type { Plan } from './plan.ts';
import { type CaseResult, comparisonRow } from './result.ts';
import { plainExchange } from './traffic.ts';

const perSecond = 2_000;

/** Plain JSON at a fixed rate: the latency that callers meet who do not wait for each other. */
export async function rateCase(subjects: Subjects, plan: Plan): Promise<CaseResult> {
  const exchange = plainExchange();
  const { windowMs: durationMs } = plan;
  const rounds = await alternate(plan.rounds, subjects, (subject) =>
    sampleLoad(subject, () => openLoop({ port: subject.port, exchange, perSecond, durationMs })),
  );
  const title = (what: string): string => `JSON, ${perSecond} requests/s: ${what}`;
  return {
    name: 'jsonRate',
    failed: failuresOf(rounds),
    rows: [
      comparisonRow(
        title('p50'),
        'ms',
        compare(rounds, totalQuantileMs(0.5)),
        'difference',
        'rateP50OverNginxMs',
      ),
      comparisonRow(
        title('p99'),
        'ms',
        compare(rounds, totalQuantileMs(0.99)),
        'difference',
        'rateP99OverNginxMs',
      ),
    ],
  };
}
