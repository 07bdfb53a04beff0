import { microUsd, type MicroUsd } from '../units.ts';

export interface Spending {
  /** Settled, plus everything that open reservations may still cost. */
  readonly spentAndReserved: MicroUsd;
  readonly cap: MicroUsd;
}

/** What a new rental may cost at most without passing a cap (invariant I5). */
export function budgetLeft({ spentAndReserved, cap }: Spending): MicroUsd {
  return microUsd(Math.max(0, cap - spentAndReserved));
}
