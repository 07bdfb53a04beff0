import { toFault } from '../../errors.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Outbox, OutboxEntry } from '../../runtime/outbox.ts';
import type { CallbackSample, CallbackSamples } from '../../runtime/sqlite-callback-samples.ts';
import type { Log } from '../log.ts';

/** Between two lines of the series, milliseconds of the daemon's clock … */
const samplePauseMs = 5_000;
/** … and real ones, so that a fast clock writes no more often. */
const realPauseMsMin = 250;

type Waiting = Pick<OutboxEntry, 'windowEndHeight' | 'kind' | 'nonceCount'>;

/** Watches an outbox and keeps the series of its windows. */
export interface CallbackTally {
  /** The outbox as everybody uses it: what goes in and out of it is seen on the way. */
  readonly outbox: Outbox;
  /** Writes what is left. */
  stop(): void;
}

export function createCallbackTally(options: {
  readonly outbox: Outbox;
  readonly samples: CallbackSamples;
  readonly clock: Clock;
  /** Milliseconds of the clock in a real one. */
  readonly timeScale: number;
  readonly log: Log;
}): CallbackTally {
  const { outbox, samples, clock, timeScale, log } = options;
  const waiting = new Map<number, Waiting>();
  /** Kinds of the windows that changed since the last line. */
  const changed = new Map<number, string>();
  let isWell = true;
  let timer: unknown;

  /** The timer runs only while there is something to write: a quiet relay wakes nobody. */
  const noteChange = ({ windowEndHeight, kind }: Waiting): void => {
    changed.set(windowEndHeight, kind);
    timer ??= clock.setTimeout(
      () => {
        timer = undefined;
        write();
      },
      Math.max(samplePauseMs, realPauseMsMin * timeScale),
      'callbacks.sample',
    );
  };
  const note = ({ id, windowEndHeight, kind, nonceCount }: OutboxEntry): void => {
    if (waiting.has(id)) return;
    const entry = { windowEndHeight, kind, nonceCount };
    waiting.set(id, entry);
    noteChange(entry);
  };

  function write(): void {
    if (changed.size === 0) return;
    try {
      const at = clock.now();
      samples.add([...changed].map(([height, kind]) => sampleOf(height, kind, at)));
      changed.clear();
      isWell = true;
    } catch (error) {
      if (isWell) log.warn({ fault: toFault(error) }, 'callbacks.not_sampled');
      isWell = false;
    }
  }

  function sampleOf(windowEndHeight: number, kind: string, at: number): CallbackSample {
    const queued = [...waiting.values()].filter((entry) => entry.windowEndHeight === windowEndHeight);
    const outcomes = samples.outcomes(windowEndHeight);
    const sum = (field: 'callbacks' | 'nonces', isDelivered: boolean): number =>
      outcomes
        .filter(({ outcome }) => (outcome === 'delivered') === isDelivered)
        .reduce((total, one) => total + one[field], 0);
    return {
      windowEndHeight,
      at,
      kind,
      queuedCallbacks: queued.length,
      queuedNonces: queued.reduce((total, { nonceCount }) => total + nonceCount, 0),
      deliveredCallbacks: sum('callbacks', true),
      deliveredNonces: sum('nonces', true),
      undeliverableCallbacks: sum('callbacks', false),
      undeliverableNonces: sum('nonces', false),
    };
  }

  return {
    outbox: {
      ...outbox,
      put: (entry) => {
        const kept = outbox.put(entry);
        note(kept);
        return kept;
      },
      pending: (limit) => {
        const found = outbox.pending(limit);
        // After a start: those of the process before.
        for (const entry of found) note(entry);
        return found;
      },
      finish: (id, outcome) => {
        outbox.finish(id, outcome);
        const entry = waiting.get(id);
        if (entry !== undefined) noteChange(entry);
        waiting.delete(id);
      },
    },
    stop: () => {
      if (timer !== undefined) clock.clearTimeout(timer);
      write();
    },
  };
}
