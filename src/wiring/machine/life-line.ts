import { toFault } from '../../errors.ts';
import type { Clock } from '../../runtime/clock.ts';
import { type Milliseconds, type UnixMs, unixMs } from '../../units.ts';
import { renewCommand } from './dead-man.ts';
import type { Log } from '../log.ts';
import type { MachineRoom } from './machine-room.ts';

/** Of one renewal, real milliseconds. */
const renewTimeoutMs = 10_000;
/** So many renewals may fail in a row before a machine ends by itself. */
const renewalsPerLife = 10;

export interface LifeLineOptions {
  readonly room: Pick<MachineRoom, 'exec' | 'isOpen'>;
  readonly clock: Clock;
  /** `LEASE_TTL`. */
  readonly ttlMs: Milliseconds;
  readonly log: Log;
}

/** Keeps rented machines from destroying themselves while the daemon lives. */
export interface LifeLine {
  /** Renews when a tenth of the time to live has passed since the last one. Never throws; a lost tunnel is no news here. */
  renewWhenDue(leaseId: string, signal: AbortSignal): void;
  /** Renews at once. Resolves with the instant at which the machine ends if nothing more comes; null when it failed. */
  renew(leaseId: string, signal: AbortSignal): Promise<UnixMs | null>;
  /** When the last renewal that worked was sent; undefined when there was none since the start. */
  renewedAt(leaseId: string): UnixMs | undefined;
}

export function createLifeLine({ room, clock, ttlMs, log }: LifeLineOptions): LifeLine {
  const renewedAt = new Map<string, UnixMs>();
  const underWay = new Set<string>();

  const lifeLine: LifeLine = {
    renewWhenDue: (leaseId, signal) => {
      const isDue = clock.now() - (renewedAt.get(leaseId) ?? 0) >= ttlMs / renewalsPerLife;
      if (!isDue || underWay.has(leaseId) || !room.isOpen(leaseId)) return;
      underWay.add(leaseId);
      void lifeLine.renew(leaseId, signal).finally(() => underWay.delete(leaseId));
    },
    renew: async (leaseId, signal) => {
      const askedAt = clock.now();
      try {
        const { exitCode } = await room.exec(leaseId, renewCommand, renewTimeoutMs, signal);
        if (exitCode !== 0) throw new Error(`exit code ${exitCode}`);
        renewedAt.set(leaseId, askedAt);
        return unixMs(askedAt + ttlMs);
      } catch (error) {
        if (!signal.aborted) log.warn({ leaseId, fault: toFault(error) }, 'machine.not_renewed');
        return null;
      }
    },
    renewedAt: (leaseId) => renewedAt.get(leaseId),
  };
  return lifeLine;
}
