import { microUsd, type MicroUsd, type MicroUsdPerHour, type UnixMs } from '../units.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** One rental as the caps see it. */
export interface LedgerLease {
  readonly openedAt: UnixMs;
  /** Null while the container does not run. */
  readonly runningAt: UnixMs | null;
  /** Null while the machine is there. */
  readonly endedAt: UnixMs | null;
  readonly gpuPrice: MicroUsdPerHour;
  readonly diskPrice: MicroUsdPerHour;
  readonly trafficUsd: number;
  /** Worst case from `openedAt` to its end. */
  readonly reserved: MicroUsd;
}

export const utcDay = (at: number): number => Math.floor(at / dayMs);

/** What a rental has cost between two instants: GPU while running, disk while it exists, traffic with the pull. */
export function accrued(lease: LedgerLease, from: number, to: number, now: UnixMs): number {
  const end = Math.min(to, lease.endedAt ?? now);
  const since = (start: number): number => Math.max(0, end - Math.max(from, start)) / hourMs;
  const gpu = lease.runningAt === null ? 0 : lease.gpuPrice * since(lease.runningAt);
  const isPulledThen = lease.openedAt >= from && lease.openedAt < to;
  return gpu + lease.diskPrice * since(lease.openedAt) + (isPulledThen ? lease.trafficUsd * 1e6 : 0);
}

/** Instant at which a reservation is used up: nothing of it accrues later. */
export function reservedUntil({ openedAt, reserved, trafficUsd, gpuPrice, diskPrice }: LedgerLease): number {
  return openedAt + (Math.max(0, reserved - trafficUsd * 1e6) / Math.max(1, gpuPrice + diskPrice)) * hourMs;
}

/**
 * What one UTC day bears of a rental: what accrued in it, to the second, and of a machine that is still there the
 * whole rest of its reservation on every day that the rest touches.
 */
export function bookedOn(lease: LedgerLease, day: number, now: UnixMs): number {
  const within = accrued(lease, day * dayMs, (day + 1) * dayMs, now);
  if (lease.endedAt !== null || day < utcDay(now)) return within;
  const isTouched = day === utcDay(now) || day <= utcDay(reservedUntil(lease));
  const rest = Math.max(0, lease.reserved - accrued(lease, 0, Infinity, now));
  return isTouched ? within + rest : within;
}

/** What the daily cap leaves for a rental that may last from `now` until `until`: the least of the days it touches. */
export function dailyLeft(
  leases: readonly LedgerLease[],
  { cap, now, until }: { readonly cap: MicroUsd; readonly now: UnixMs; readonly until: UnixMs },
): MicroUsd {
  let left: number = cap;
  for (let day = utcDay(now); day <= utcDay(Math.max(now, until)); day += 1) {
    const booked = leases.reduce((sum, lease) => sum + bookedOn(lease, day, now), 0);
    left = Math.min(left, cap - Math.ceil(booked));
  }
  return microUsd(Math.max(0, left));
}

/** What one epoch bears of a rental: what accrued since it has the machine, and the rest of the reservation. */
export function bookedSince(lease: LedgerLease, since: UnixMs, now: UnixMs): number {
  const own = accrued(lease, since, Infinity, now);
  if (lease.endedAt !== null) return own;
  return own + Math.max(0, lease.reserved - accrued(lease, 0, Infinity, now));
}
