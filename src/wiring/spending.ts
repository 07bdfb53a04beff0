import type { Config } from '../config/config.ts';
import { budgetLeft } from '../policy/budget.ts';
import type { LeaseRow } from '../runtime/interface.ts';
import { microUsd, type MicroUsd, type UnixMs } from '../units.ts';

const dayMs = 86_400_000;

/** What a new rental may cost today: settled leases of this UTC day, and open ones with their whole reservation. */
export function spendingLeft(leases: readonly LeaseRow[], config: Config, now: UnixMs): MicroUsd {
  return budgetLeft({ spentAndReserved: spentToday(leases, now), dailyCap: config.rental.maxDailySpend });
}

export function spentToday(leases: readonly LeaseRow[], now: UnixMs): MicroUsd {
  const dayStart = Math.floor(now / dayMs) * dayMs;
  const amounts = leases.map((lease) => {
    if (lease.settled === null) return lease.reserved;
    // A lease that ended today may have begun yesterday; it then counts in full on both days.
    return lease.openedAt >= dayStart - dayMs && (lease.openedAt >= dayStart || lease.isGone === true)
      ? lease.settled
      : 0;
  });
  return microUsd(amounts.reduce((sum: number, amount) => sum + amount, 0));
}
