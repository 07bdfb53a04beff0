import { toFault } from '../errors.ts';
import type { EpochContext } from '../machines/epoch-context.ts';
import type { Runtime } from '../runtime/interface.ts';
import type { GpuDevice } from '../server/mlnode-api/desk.ts';
import { megabytes } from '../units.ts';
import type { Log } from './log.ts';
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
 * The GPUs of the machine that an epoch plan keeps until the next PoC, asked from its driver once and remembered.
 * Never waits: until the machine has answered, and for every machine that a sprint has, there are none.
 */
export function createAttachedDevices(options: AttachedDevicesOptions): () => readonly GpuDevice[] {
  const { rows, room, log, signal } = options;
  let known: { readonly leaseId: string; readonly devices: readonly GpuDevice[] } | undefined;
  let isAsking = false;

  async function ask(leaseId: string): Promise<void> {
    isAsking = true;
    try {
      const seen = await room.exec(leaseId, command, askTimeoutMs, signal);
      if (seen.exitCode === 0) known = { leaseId, devices: devicesOf(seen.stdout) };
    } catch (error) {
      log.debug({ leaseId, fault: toFault(error) }, 'devices.unknown');
    } finally {
      isAsking = false;
    }
  }

  return () => {
    const leaseId = keptLease(rows);
    if (leaseId === undefined) return [];
    if (known?.leaseId === leaseId) return known.devices;
    if (!isAsking && room.isOpen(leaseId) && !signal.aborted) void ask(leaseId);
    return [];
  };
}

/** The held lease that an open epoch row of mode `epoch` counts on. */
function keptLease(rows: Pick<Runtime, 'rows'>): string | undefined {
  const kept = new Set(
    rows
      .rows({ chart: 'epoch' })
      .map((row) => row.context as EpochContext)
      .filter(({ plan }) => plan.mode === 'epoch')
      .map(({ leaseId }) => leaseId),
  );
  const lease = rows
    .rows({ chart: 'lease' })
    .filter((row) => typeof row.value === 'object' && row.value !== null && 'held' in row.value)
    .map((row) => (row.context as { leaseId: string }).leaseId)
    .find((leaseId) => kept.has(leaseId));
  return lease;
}

function devicesOf(stdout: string): readonly GpuDevice[] {
  return stdout.split('\n').flatMap((line) => {
    const [, name, memory] = /^([^,]+),\s*(\d+)\s*$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name: name.trim(), totalMemoryMb: megabytes(Number(memory)) }];
  });
}
