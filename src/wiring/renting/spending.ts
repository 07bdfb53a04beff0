import type { Config } from '../../config/config.ts';
import type { LeaseContext } from '../../machines/lease-context.ts';
import { budgetLeft } from '../../policy/budget.ts';
import {
  accrued,
  bookedOn,
  bookedSince,
  dailyLeft,
  type LedgerLease,
  utcDay,
} from '../../policy/day-ledger.ts';
import type { Runtime } from '../../runtime/interface.ts';
import type { RememberedRental } from '../../runtime/sqlite-rentals.ts';
import { microUsd, type MicroUsd, type UnixMs } from '../../units.ts';

const dayMs = 86_400_000;

export interface SpendingTerms {
  readonly rows: Pick<Runtime, 'rows'>;
  /** Machines that are gone. */
  readonly rentals: readonly RememberedRental[];
  readonly now: UnixMs;
}

/**
 * What one more rental of that epoch row may cost at most when it lasts until `until` (invariant I5): a day is a UTC
 * day, cost is booked to the second in which it accrues, and a reservation counts in full on each day that it touches.
 */
export function spendingLeft(
  terms: SpendingTerms,
  { rental }: Pick<Config, 'rental'>,
  owner: string,
  until: UnixMs,
): MicroUsd {
  const { now } = terms;
  const leases = ledgerOf(terms);
  const today = dailyLeft(leases, { cap: rental.maxDailySpend, now, until });
  if (rental.maxEpochSpend === undefined) return today;
  const own = leases.filter((lease) => lease.owner === owner);
  const spentAndReserved = sum(own.map((lease) => bookedSince(lease, lease.ownedSince, now)));
  return microUsd(Math.min(today, budgetLeft({ spentAndReserved, cap: rental.maxEpochSpend })));
}

/** Booked on the UTC day of `now`: what accrued in it, and the rest of open reservations. */
export function bookedToday(terms: SpendingTerms): {
  readonly spent: MicroUsd;
  readonly reserved: MicroUsd;
} {
  const { now } = terms;
  const day = utcDay(now);
  const leases = ledgerOf(terms);
  const spent = sum(leases.map((lease) => accrued(lease, day * dayMs, Infinity, now)));
  const booked = sum(leases.map((lease) => bookedOn(lease, day, now)));
  return { spent, reserved: microUsd(Math.max(0, booked - spent)) };
}

interface OwnedLease extends LedgerLease {
  readonly owner: string;
  readonly ownedSince: UnixMs;
}

/** Every machine that a day of today or later could bear something of. */
function ledgerOf({ rows, rentals, now }: SpendingTerms): readonly OwnedLease[] {
  const open = rows.rows({ chart: 'lease' }).map((row): OwnedLease => {
    const { offer, ...context } = row.context as LeaseContext;
    return {
      owner: context.owner,
      ownedSince: context.ownedSince ?? context.openedAt,
      openedAt: context.openedAt,
      runningAt: context.runningAt,
      endedAt: null,
      gpuPrice: offer.gpuPrice,
      diskPrice: offer.diskPrice,
      trafficUsd: offer.trafficUsd,
      reserved: context.reserved,
    };
  });
  const ended = rentals
    .filter(({ endedAt, settled }) => endedAt !== null && settled !== null && endedAt > now - 2 * dayMs)
    .map((rental): OwnedLease => ({ ...rental, reserved: rental.settled ?? microUsd(0) }));
  return [...open, ...ended];
}

const sum = (amounts: readonly number[]): MicroUsd =>
  microUsd(Math.ceil(amounts.reduce((total, amount) => total + amount, 0)));
