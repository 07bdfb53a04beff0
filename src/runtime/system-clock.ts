import { unixMs } from '../units.ts';
import type { Clock } from './clock.ts';

/** Node fires a timer at once that is set beyond this. */
const longestTimerMs = 2 ** 31 - 1;

export interface SystemClockOptions {
  /** Clock milliseconds that pass in one real one (`TIME_SCALE`), above 0. Default 1. */
  readonly scale?: number;
  /** Unix ms at which scaled time and real time agree; every process of one sandbox is given the same. Default: now. */
  readonly originMs?: number;
}

/**
 * The daemon's clock. Wall time is read once, here; from then on the monotonic clock counts, so that a clock that is
 * set while the daemon runs neither shortens nor lengthens a wait. Throws RangeError for a scale that is not positive.
 */
export function createSystemClock({ scale = 1, originMs }: SystemClockOptions = {}): Clock {
  if (!(scale > 0)) throw new RangeError(`scale ${scale} is not positive`);
  const startWallMs = Date.now();
  const startMonotonicMs = performance.now();
  const origin = originMs ?? startWallMs;

  const setScaled: Clock['setTimeout'] = (fn, ms) => {
    const dueMs = performance.now() + Math.max(0, ms / scale);
    const handle: { timer: NodeJS.Timeout | undefined } = { timer: undefined };
    const wait = (): void => {
      const leftMs = Math.max(0, dueMs - performance.now());
      handle.timer =
        leftMs > longestTimerMs ? setTimeout(wait, longestTimerMs) : setTimeout(fn, Math.ceil(leftMs));
    };
    wait();
    return handle;
  };
  const clearScaled: Clock['clearTimeout'] = (handle) => {
    clearTimeout((handle as { timer: NodeJS.Timeout | undefined } | undefined)?.timer);
  };
  return {
    // Whole milliseconds: instants are stored as integers and go into identifiers.
    now: () =>
      unixMs(Math.round(origin + (startWallMs + performance.now() - startMonotonicMs - origin) * scale)),
    setTimeout: setScaled,
    clearTimeout: clearScaled,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason as Error);
        const abandon = (): void => {
          clearScaled(handle);
          reject(signal?.reason as Error);
        };
        const handle = setScaled(() => {
          signal?.removeEventListener('abort', abandon);
          resolve();
        }, ms);
        signal?.addEventListener('abort', abandon, { once: true });
      }),
  };
}
