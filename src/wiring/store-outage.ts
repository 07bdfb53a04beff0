import type { Vast } from '../adapters/vast/interface.ts';
import { type Fault, toFault } from '../errors.ts';
import type { EpochContext } from '../machines/epoch-context.ts';
import type { LeaseContext } from '../machines/lease-context.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Runtime, RowView } from '../runtime/interface.ts';
import type { BlockHeight } from '../units.ts';
import type { Log } from './log.ts';

/** A disk that is full for less than this delays a destroy, nothing more. */
const patienceMs = 60_000;
/** Between two rounds of destroys. */
const roundPauseMs = 60_000;
/** Of one destroy, real milliseconds. */
const destroyLimitMs = 30_000;

export interface StoreOutageOptions {
  readonly rows: Pick<Runtime, 'rows' | 'row'>;
  readonly vast: Pick<Vast, 'destroy'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Of the newest head; undefined while none is known. */
  readonly height: () => BlockHeight | undefined;
}

/** What goes on while nothing can be written down. */
export interface StoreOutage {
  /** Commits began to fail, or (null) succeed again. */
  storeFailing(fault: Fault | null): void;
  close(): void;
}

/**
 * While commits fail (a full disk) nothing is rented, because a create starts only after its commit. Machines whose
 * time is over are destroyed from what memory knows: a destroy says nothing new, and asked again it does no harm. The
 * proof of their absence is written when there is room again.
 */
export function createStoreOutage({ rows, vast, clock, log, height }: StoreOutageOptions): StoreOutage {
  const ending = new AbortController();
  let timer: unknown;

  const round = (): void => {
    for (const lease of rows.rows({ chart: 'lease' })) {
      const { leaseId, instanceId } = lease.context as LeaseContext;
      if (instanceId === null || !isOver(lease)) continue;
      const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(destroyLimitMs)]);
      vast.destroy(instanceId, signal).then(
        (answer) => log.warn({ leaseId, instanceId, answer }, 'store.destroyed_from_memory'),
        (error: unknown) => log.warn({ leaseId, instanceId, fault: toFault(error) }, 'store.destroy_failed'),
      );
    }
    timer = clock.setTimeout(round, roundPauseMs);
  };

  /** On its way out, or nobody's plan holds it any more. */
  function isOver({ value, context }: RowView): boolean {
    if (/^(releasing|confirmingGone)/.test(stateName(value))) return true;
    const epoch = rows.row((context as LeaseContext).owner)?.context as EpochContext | undefined;
    const newest = height();
    return epoch !== undefined && newest !== undefined && newest >= epoch.plan.holdUntilHeight;
  }

  return {
    storeFailing: (fault) => {
      clock.clearTimeout(timer);
      timer = undefined;
      if (fault === null) return log.info({}, 'store.writes_again');
      log.error({ fault }, 'store.failing');
      if (!ending.signal.aborted) timer = clock.setTimeout(round, patienceMs);
    },
    close: () => {
      ending.abort();
      clock.clearTimeout(timer);
    },
  };
}

const stateName = (value: unknown): string =>
  typeof value === 'string' ? value : (Object.keys(value ?? {})[0] ?? '');
