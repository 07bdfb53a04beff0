import type { LeaseContext } from '../../machines/lease-context.ts';
import type { Runtime } from '../../runtime/interface.ts';
import { leaseRow } from '../row-names.ts';

/** A machine that a stop returned, or could not prove gone. */
export interface LeftMachine {
  readonly leaseId: string;
  readonly instanceId: number | null;
  readonly label: string;
}

/** Leases that are not over yet: every one may cost money. */
export const openLeases = (rows: Runtime): readonly LeaseContext[] =>
  rows.rows({ chart: 'lease' }).map((row) => row.context as LeaseContext);

/** What became of the machines: those without the proof are left, and none is success. */
export interface Release {
  readonly left: readonly LeftMachine[];
  readonly returned: readonly LeftMachine[];
}

/** Asks every lease to end and waits for the proof, at most `limitMs` (real milliseconds). */
export function releaseAll(rows: Runtime, limitMs: number): Promise<Release> {
  const asked = openLeases(rows).map((lease) => lease.leaseId);
  for (const row of rows.rows({ chart: 'lease' })) {
    rows.send(row.id, { type: 'LEASE.RELEASE_ASKED', reason: 'the daemon stops' });
  }
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(limit);
      unsubscribe();
      const left = openLeases(rows).map(machineOf);
      const isLeft = (leaseId: string): boolean => left.some((machine) => machine.leaseId === leaseId);
      const returned = asked.filter((leaseId) => !isLeft(leaseId)).flatMap((leaseId) => ended(rows, leaseId));
      resolve({ left, returned });
    };
    const limit = setTimeout(finish, limitMs);
    const unsubscribe = rows.onStep((entry) => {
      if (entry.chart === 'lease' && openLeases(rows).length === 0) finish();
    });
    if (openLeases(rows).length === 0) finish();
  });
}

const machineOf = ({ leaseId, instanceId, label }: LeaseContext): LeftMachine => ({
  leaseId,
  instanceId,
  label,
});

/** Nothing for a lease of which no machine came. */
function ended(rows: Runtime, leaseId: string): LeftMachine[] {
  const lease = rows.row(leaseRow(leaseId))?.context as LeaseContext | undefined;
  return lease === undefined || lease.instanceId === null ? [] : [machineOf(lease)];
}
