import type { LeaseSummary } from '../server/inspection/book-answers.ts';
import type { Paint } from './paint.ts';
import { dollars, duration } from './status-page.ts';
import { table } from './table.ts';

const head = ['LEASE', 'STATE', 'INSTANCE', 'GPU', '$/H', 'COST', 'CHARGED', 'PAID FOR', 'WHY IT ENDED'];

/** Rentals as a table. */
export const leaseLines = (leases: readonly LeaseSummary[], paint: Paint): string =>
  table(head, leases.map(cells), paint);

function cells(lease: LeaseSummary): string[] {
  const { runningAt, endedAt } = lease;
  const paidMs = runningAt === null ? 0 : (endedAt ?? Date.now()) - runningAt;
  return [
    lease.leaseId,
    lease.state,
    lease.instanceId === null ? '-' : String(lease.instanceId),
    `${lease.gpuCount} × ${lease.gpuName}`,
    dollars(lease.priceMicroUsdPerHour),
    dollars(lease.settledMicroUsd ?? lease.meteredMicroUsd),
    lease.chargedMicroUsd === null || lease.chargedMicroUsd === undefined
      ? '-'
      : dollars(lease.chargedMicroUsd),
    // A scaled clock runs ahead of ours: an open lease then has no span that could be said here.
    paidMs < 0 ? '-' : duration(paidMs),
    lease.reason ?? '',
  ];
}
