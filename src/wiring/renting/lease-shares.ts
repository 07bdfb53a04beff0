import type { LeaseContext } from '../../machines/lease-context.ts';
import { accrued } from '../../policy/day-ledger.ts';
import type { Ownership } from '../../runtime/sqlite-history.ts';
import type { UnixMs } from '../../units.ts';
import type { LeaseMoney } from '../inspection/rows.ts';

export interface SharedLease {
  readonly context: LeaseContext;
  /** Null while the machine is there. */
  readonly endedAt: UnixMs | null;
  /** Rows that had the machine one after the other. */
  readonly owners: readonly Ownership[];
  readonly money: LeaseMoney;
}

/**
 * What one row bears of a machine that was handed on: each owner what accrued while it had it, the last one the rest of
 * what was settled or is reserved, so that no dollar counts twice and none is lost. Undefined for a row that never had it.
 */
export function shareOf(lease: SharedLease, owner: string, now: UnixMs): LeaseMoney | undefined {
  const { owners, money } = lease;
  const last = owners.at(-1);
  if (!owners.some((each) => each.owner === owner)) return undefined;
  if (last?.owner !== owner) return { reserved: 0, settled: accruedBy(lease, owner, now) };
  const others = new Set(owners.map((each) => each.owner).filter((each) => each !== owner));
  const before = [...others].reduce((sum, other) => sum + accruedBy(lease, other, now), 0);
  return {
    reserved: Math.max(0, money.reserved - before),
    settled: money.settled === null ? null : Math.max(0, money.settled - before),
  };
}

/** Micro-dollars. */
function accruedBy({ context, endedAt, owners }: SharedLease, owner: string, now: UnixMs): number {
  const lease = { ...context, ...context.offer, endedAt };
  const parts = owners.map(({ owner: each, since }, index) =>
    each === owner ? accrued(lease, index === 0 ? 0 : since, owners[index + 1]?.since ?? Infinity, now) : 0,
  );
  return Math.round(parts.reduce((sum, part) => sum + part, 0));
}
