import type { EpochContext } from '../../machines/epoch-context.ts';
import type { LeaseContext } from '../../machines/lease-context.ts';
import type { Runtime } from '../../runtime/interface.ts';
import type { MachineRoom } from '../machine/machine-room.ts';

/** Machines that are ready for work and within reach, the one that has been ready longest first. */
export function heldMachines(
  rows: Pick<Runtime, 'rows'>,
  room: Pick<MachineRoom, 'isOpen'>,
): readonly LeaseContext[] {
  return rows
    .rows({ chart: 'lease' })
    .filter((row) => typeof row.value === 'object' && row.value !== null && 'held' in row.value)
    .map((row) => row.context as LeaseContext)
    .filter((lease) => room.isOpen(lease.leaseId))
    .toSorted((a, b) => (a.readyAt ?? 0) - (b.readyAt ?? 0));
}

/**
 * The same machines, those first that belong to the PoC which starts at that height: at its start the row before may
 * still hold some that it returns within seconds. A confirmation PoC starts at a height of its own and moves none.
 */
export function ownMachinesFirst(
  rows: Pick<Runtime, 'row'>,
  leases: readonly LeaseContext[],
  pocStartHeight: number,
): readonly LeaseContext[] {
  const isOwn = ({ owner }: LeaseContext): boolean =>
    (rows.row(owner)?.context as EpochContext | undefined)?.plan?.pocStartHeight === pocStartHeight;
  return leases.toSorted((a, b) => Number(isOwn(b)) - Number(isOwn(a)));
}
