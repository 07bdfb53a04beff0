import type { LeaseContext } from '../machines/lease-context.ts';
import type { Runtime } from '../runtime/interface.ts';

/** A machine that the stop could not prove gone. */
export interface LeftMachine {
  readonly leaseId: string;
  readonly instanceId: number | null;
  readonly label: string;
}

/** Leases that are not over yet: every one may cost money. */
export const openLeases = (rows: Runtime): readonly LeaseContext[] =>
  rows.rows({ chart: 'lease' }).map((row) => row.context as LeaseContext);

/**
 * Asks every lease to end and waits for the proof, at most `limitMs` (real milliseconds). Resolves with the machines
 * that are still not proven gone then; empty is success.
 */
export function releaseAll(rows: Runtime, limitMs: number): Promise<readonly LeftMachine[]> {
  for (const row of rows.rows({ chart: 'lease' })) {
    rows.send(row.id, { type: 'LEASE.RELEASE_ASKED', reason: 'the daemon stops' });
  }
  return new Promise((resolve) => {
    const left = (): LeftMachine[] =>
      openLeases(rows).map(({ leaseId, instanceId, label }) => ({ leaseId, instanceId, label }));
    const finish = (): void => {
      clearTimeout(limit);
      unsubscribe();
      resolve(left());
    };
    const limit = setTimeout(finish, limitMs);
    const unsubscribe = rows.onStep((entry) => {
      if (entry.chart === 'lease' && openLeases(rows).length === 0) finish();
    });
    if (openLeases(rows).length === 0) finish();
  });
}
