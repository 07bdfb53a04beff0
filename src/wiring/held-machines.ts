import type { LeaseContext } from '../machines/lease-context.ts';
import type { Runtime } from '../runtime/interface.ts';
import type { MachineRoom } from './machine-room.ts';

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
