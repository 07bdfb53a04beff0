import type { Config } from '../config/config.ts';
import type { LeaseContext } from '../machines/lease-context.ts';
import { budgetLeft } from '../policy/budget.ts';
import type { LeaseRow, Runtime } from '../runtime/interface.ts';
import { microUsd, type MicroUsd, type UnixMs } from '../units.ts';

const dayMs = 86_400_000;
/** More leases than one day can see; beyond it the store's own limit counts. */
const leasesLooked = 500;

/** What one more rental of that epoch row may cost at most, by both caps (invariant I5). */
export function spendingLeft(
  rows: Pick<Runtime, 'leases' | 'rows'>,
  config: Config,
  owner: string,
  now: UnixMs,
): MicroUsd {
  const leases = rows.leases();
  const today = budgetLeft({ spentAndReserved: spentToday(leases, now), cap: config.rental.maxDailySpend });
  if (config.rental.maxEpochSpend === undefined) return today;
  const own = new Set(
    rows
      .rows({ chart: 'lease', all: true, limit: leasesLooked })
      .filter((row) => (row.context as LeaseContext).owner === owner)
      .map((row) => row.id),
  );
  const spentAndReserved = sum(leases.filter((lease) => own.has(lease.rowId)));
  return microUsd(Math.min(today, budgetLeft({ spentAndReserved, cap: config.rental.maxEpochSpend })));
}

/** Settled leases of this UTC day, and open ones with their whole reservation: those touch today whatever comes. */
export function spentToday(leases: readonly LeaseRow[], now: UnixMs): MicroUsd {
  const dayStart = Math.floor(now / dayMs) * dayMs;
  // A lease that ended today may have begun yesterday, and no lease outlives a day: it then counts on both.
  return sum(leases.filter((lease) => lease.settled === null || lease.openedAt >= dayStart - dayMs));
}

const sum = (leases: readonly LeaseRow[]): MicroUsd =>
  microUsd(leases.reduce((total, lease) => total + (lease.settled ?? lease.reserved), 0));
