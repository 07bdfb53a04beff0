import { toFault } from '../../errors.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { PowFleet } from './pow-fleet.ts';
import { type PowRoom, workers } from './pow-room.ts';
import type { ValidationSpread } from './validation-spread.ts';

/** How often the machines are looked at while PoC runs; on the daemon's clock. */
const lookPauseMs = 5_000;

export interface PowAttendantOptions {
  readonly room: PowRoom;
  readonly fleet: PowFleet;
  readonly spread: ValidationSpread;
  readonly clock: Clock;
  readonly closing: AbortSignal;
}

/** Looks after the machines while PoC runs, so that polls are answered from memory and nothing is left lying. */
export interface PowAttendant {
  /** `is_model_initialized`, as last seen: every machine that works has its model. */
  isModelInitialized(): boolean;
  /** The machines load their model anew. */
  forget(): void;
  /** To be called whenever a PoC runs; ends by itself with it. */
  attend(): void;
  /** A machine was lost: what it left is taken over at once. */
  hurry(): void;
}

export function createPowAttendant(options: PowAttendantOptions): PowAttendant {
  const { room, fleet, spread, clock, closing } = options;
  const initialized = new Map<string, boolean>();
  let attending: Promise<void> | undefined;

  async function look(leaseId: string): Promise<void> {
    try {
      const status = await room.atOnce(leaseId, (mlnode, signal) => mlnode.powStatus(signal));
      initialized.set(leaseId, status?.isModelInitialized ?? false);
    } catch (error) {
      room.log.debug({ leaseId, fault: toFault(error) }, 'pow.status_unknown');
    }
  }

  /** Nothing waits for a machine that does not answer: each of these goes its own way. */
  async function follow(): Promise<void> {
    while (room.context().pow !== null && !closing.aborted) {
      tend();
      await Promise.all(workers(room.context()).map(({ leaseId }) => look(leaseId)));
      await clock.sleep(lookPauseMs, closing).catch(() => {});
    }
    initialized.clear();
  }

  function tend(): void {
    void fleet.complete().catch(report);
    void spread.takeOver().catch(report);
  }
  const report = (error: unknown): void => room.log.error({ fault: toFault(error) }, 'pow.not_attended');

  return {
    isModelInitialized: () => {
      const working = workers(room.context());
      return working.length > 0 && working.every(({ leaseId }) => initialized.get(leaseId) === true);
    },
    forget: () => initialized.clear(),
    attend: () => {
      attending ??= follow().finally(() => {
        attending = undefined;
      });
    },
    hurry: () => void spread.takeOver().catch(report),
  };
}
