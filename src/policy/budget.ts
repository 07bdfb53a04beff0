import { microUsd, type MicroUsd } from '../units.ts';

export interface Spending {
  /** Settled today plus everything that open reservations may still cost. */
  readonly spentAndReserved: MicroUsd;
  readonly dailyCap: MicroUsd;
}

/** What a new rental may cost at most without passing the daily cap (invariant I5). */
export function budgetLeft({ spentAndReserved, dailyCap }: Spending): MicroUsd {
  return microUsd(Math.max(0, dailyCap - spentAndReserved));
}
