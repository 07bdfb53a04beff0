import type { UnixMs } from '../units.ts';

/** Time as the daemon knows it. In the sandbox it runs `TIME_SCALE` times faster; in the simulation it jumps. */
export interface Clock {
  now(): UnixMs;
  /**
   * Calls `fn` once after `ms` of this clock. Returns what `clearTimeout` takes. `purpose` names what waits: a clock
   * that jumps may leave out a look whose answer cannot differ from the last one; any other clock ignores it.
   */
  setTimeout(fn: () => void, ms: number, purpose?: string): unknown;
  clearTimeout(handle: unknown): void;
  /** Resolves after `ms` of this clock, rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal, purpose?: string): Promise<void>;
}
