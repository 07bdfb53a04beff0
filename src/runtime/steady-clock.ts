import { type UnixMs, unixMs } from '../units.ts';
import type { Clock } from './clock.ts';
import type { Store } from './store.ts';

/**
 * A clock that never shows less than a former life wrote down: wall time that was set back while nobody lived neither
 * lengthens a wait by that much nor puts the journal out of order.
 */
export function steadyClock(clock: Clock, store: Pick<Store, 'rows'>): Clock {
  const newest = store.rows.open().reduce((latest, { updatedAt }) => Math.max(latest, updatedAt), 0);
  const behindMs = newest - clock.now();
  if (behindMs <= 0) return clock;
  return {
    now: (): UnixMs => unixMs(clock.now() + behindMs),
    setTimeout: (fn, ms, purpose) => clock.setTimeout(fn, ms, purpose),
    clearTimeout: (handle) => clock.clearTimeout(handle),
    sleep: (ms, signal, purpose) => clock.sleep(ms, signal, purpose),
  };
}
