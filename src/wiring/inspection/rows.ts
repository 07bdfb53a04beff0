import type { EpochContext } from '../../machines/epoch-context.ts';
import type { LeaseContext } from '../../machines/lease-context.ts';
import { meteredCost } from '../../policy/metering.ts';
import type { RowView } from '../../runtime/interface.ts';
import type { EpochSummary, LeaseSummary } from '../../server/inspection/book-answers.ts';
import { unixMs } from '../../units.ts';

type Json = Record<string, unknown>;

/** What a lease has reserved, and what it cost when it was over. */
export interface LeaseMoney {
  readonly reserved: number;
  readonly settled: number | null;
}

/** `{ pow: 'generating' }` as `pow.generating`; regions of a parallel chart beside each other. */
export function statePath(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([name, inner]) => (statePath(inner) === '' ? name : `${name}.${statePath(inner)}`))
    .join(' ');
}

/** A lease row in short; fields that a snapshot of another version lacks are empty. */
export function leaseSummary(row: RowView, money: LeaseMoney | undefined, now: number): LeaseSummary {
  const context = (row.context ?? {}) as Partial<LeaseContext>;
  const { offer } = context;
  const endedAt = row.status === 'done' ? row.updatedAt : null;
  return {
    leaseId: row.id.slice('lease:'.length),
    state: statePath(row.value),
    status: row.status,
    owner: context.owner ?? '',
    label: context.label ?? '',
    instanceId: context.instanceId ?? null,
    machineId: offer?.machineId ?? 0,
    gpuName: offer?.gpuName ?? '',
    gpuCount: offer?.gpuCount ?? 0,
    priceMicroUsdPerHour: offer?.price ?? 0,
    openedAt: context.openedAt ?? row.updatedAt,
    runningAt: context.runningAt ?? null,
    readyAt: context.readyAt ?? null,
    endedAt,
    ttlUntil: context.ttlUntil ?? null,
    reason: context.reason ?? null,
    fault: plainFault(context.fault),
    reservedMicroUsd: money?.reserved ?? context.reserved ?? 0,
    settledMicroUsd: money?.settled ?? null,
    meteredMicroUsd: money?.settled ?? metered(context, endedAt ?? now),
  };
}

function metered(context: Partial<LeaseContext>, until: number): number {
  const { offer, openedAt, instanceId, runningAt } = context;
  if (offer === undefined || openedAt === undefined || instanceId === null || instanceId === undefined)
    return 0;
  return meteredCost({
    gpuPrice: offer.gpuPrice,
    diskPrice: offer.diskPrice,
    createdAt: openedAt,
    runningAt: runningAt ?? null,
    endedAt: unixMs(until),
    trafficUsd: offer.trafficUsd,
  });
}

/** `leases`: the rows that worked for it, with their money. */
export function epochSummary(row: RowView, leases: ReadonlyMap<string, LeaseMoney>): EpochSummary {
  const context = (row.context ?? {}) as Partial<EpochContext>;
  const spent = sumOf(leases, ({ settled }) => settled ?? 0);
  const nonces = context.work?.noncesDelivered ?? 0;
  return {
    rowId: row.id,
    epochIndex: Number(row.id.slice('epoch:'.length)),
    state: statePath(row.value),
    status: row.status,
    outcome: context.outcome ?? null,
    plan: context.plan === undefined ? null : { ...context.plan },
    work: context.work === undefined || context.work === null ? null : { ...context.work },
    rentals: context.rentals ?? 0,
    failures: context.failures ?? 0,
    fault: plainFault(context.fault),
    leaseIds: [...leases.keys()].map((id) => id.slice('lease:'.length)),
    spentMicroUsd: spent,
    reservedMicroUsd: sumOf(leases, ({ reserved, settled }) => (settled === null ? reserved : 0)),
    costPerThousandNoncesMicroUsd: nonces > 0 ? Math.round((1_000 * spent) / nonces) : null,
    updatedAt: row.updatedAt,
  };
}

const sumOf = (leases: ReadonlyMap<string, LeaseMoney>, part: (money: LeaseMoney) => number): number =>
  [...leases.values()].reduce((sum, money) => sum + part(money), 0);

const plainFault = (fault: LeaseContext['fault'] | undefined): Json | null =>
  fault === undefined || fault === null ? null : { ...fault };
