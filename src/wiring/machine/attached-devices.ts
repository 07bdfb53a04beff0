import { toFault } from '../../errors.ts';
import type { EpochContext } from '../../machines/epoch-context.ts';
import type { Runtime } from '../../runtime/interface.ts';
import type { GpuDevice } from '../../server/mlnode-api/desk.ts';
import { megabytes } from '../../units.ts';
import type { Log } from '../log.ts';
import type { MachineRoom } from './machine-room.ts';

/** Real milliseconds. */
const askTimeoutMs = 20_000;
const command = 'nvidia-smi --query-gpu=name,memory.total --format=csv,noheader,nounits';

export interface AttachedDevicesOptions {
  readonly rows: Pick<Runtime, 'rows'>;
  readonly room: Pick<MachineRoom, 'exec' | 'isOpen'>;
  readonly log: Log;
  /** Aborted when the daemon stops. */
  readonly signal: AbortSignal;
}

/**
 * The GPUs of the machines that an epoch plan keeps until the next PoC, asked from each driver once and remembered.
 * Never waits: until a machine has answered, and for every machine that a sprint has, there are none.
 */
export function createAttachedDevices(options: AttachedDevicesOptions): () => readonly GpuDevice[] {
  const { rows, room, log, signal } = options;
  const known = new Map<string, readonly GpuDevice[]>();
  const asking = new Set<string>();

  async function ask(leaseId: string): Promise<void> {
    asking.add(leaseId);
    try {
      const seen = await room.exec(leaseId, command, askTimeoutMs, signal);
      if (seen.exitCode === 0) known.set(leaseId, devicesOf(seen.stdout));
    } catch (error) {
      log.debug({ leaseId, fault: toFault(error) }, 'devices.unknown');
    } finally {
      asking.delete(leaseId);
    }
  }

  return () => {
    const kept = keptLeases(rows);
    for (const leaseId of known.keys()) if (!kept.includes(leaseId)) known.delete(leaseId);
    for (const leaseId of kept) {
      if (known.has(leaseId) || asking.has(leaseId) || signal.aborted) continue;
      if (room.isOpen(leaseId)) void ask(leaseId);
    }
    return kept.flatMap((leaseId) => known.get(leaseId) ?? []);
  };
}

/** The held leases that open epoch rows of mode `epoch` count on. */
function keptLeases(rows: Pick<Runtime, 'rows'>): readonly string[] {
  const kept = new Set(
    rows
      .rows({ chart: 'epoch' })
      .map((row) => row.context as EpochContext)
      .filter(({ plan }) => plan.mode === 'epoch')
      .flatMap(({ crew }) => crew.map(({ leaseId }) => leaseId)),
  );
  return rows
    .rows({ chart: 'lease' })
    .filter((row) => typeof row.value === 'object' && row.value !== null && 'held' in row.value)
    .map((row) => (row.context as { leaseId: string }).leaseId)
    .filter((leaseId) => kept.has(leaseId));
}

function devicesOf(stdout: string): readonly GpuDevice[] {
  return stdout.split('\n').flatMap((line) => {
    const [, name, memory] = /^([^,]+),\s*(\d+)\s*$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name: name.trim(), totalMemoryMb: megabytes(Number(memory)) }];
  });
}
