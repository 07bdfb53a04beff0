import type { WorldClock } from '../clock.ts';

/** World milliseconds that pass unless the signal comes first; false when it did. `Infinity` waits for the signal. */
export function pause(clock: WorldClock, ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = Number.isFinite(ms) ? clock.setTimeout(() => finish(true), ms) : undefined;
    const hungUp = (): void => finish(false);
    function finish(isWhole: boolean): void {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', hungUp);
      resolve(isWhole);
    }
    signal.addEventListener('abort', hungUp);
    if (signal.aborted) finish(false);
  });
}
