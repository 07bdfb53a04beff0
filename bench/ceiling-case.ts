import { closedLoop } from './closed-loop.ts';
import type { MockBackEnd } from './mock-back-end.ts';
import type { Plan } from './plan.ts';
import type { CaseResult } from './result.ts';
import { spreadOf } from './statistics.ts';
import { plainExchange } from './traffic.ts';

/**
 * The load generator against the mock, with nothing between them on their one core: no proxy can be seen to do more
 * than about this. It stands in the table in the gateway's column.
 */
export async function ceilingCase(mock: MockBackEnd, plan: Plan): Promise<CaseResult> {
  const load = closedLoop(mock.port, 32, plainExchange());
  await load.runFor(plan.windowMs);
  const rates: number[] = [];
  let failed = 0;
  for (let round = 0; round < plan.rounds; round += 1) {
    const seen = await load.runFor(plan.windowMs);
    rates.push(seen.answers / seen.seconds);
    failed += seen.failed;
  }
  load.close();
  return {
    name: 'ceiling',
    failed: { gateway: failed, nginx: 0 },
    rows: [
      {
        title: 'Load generator against its mock alone: answers',
        unit: '1/s',
        gateway: spreadOf(rates),
        figure: 'loadCeilingPerSecond',
      },
    ],
  };
}
