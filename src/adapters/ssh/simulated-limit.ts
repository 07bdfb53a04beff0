import { HybridError, type ErrorCode } from '../../errors.ts';
import type { WorldClock } from '../../world/clock.ts';

export interface SimulatedLimit {
  readonly clock: WorldClock;
  readonly timeoutMs: number;
  readonly timeoutCode: ErrorCode;
  readonly signal: AbortSignal;
  readonly what: string;
}

/** The promise, or `timeoutCode` at the limit of the world's clock, or ABORTED at the caller's word. */
export async function within<T>(limit: SimulatedLimit, promise: Promise<T>): Promise<T> {
  const { clock, timeoutMs, timeoutCode, signal, what } = limit;
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const abandon = (): void => reject(new HybridError({ code: 'ABORTED', message: `${what}: abandoned` }));
  const timer = clock.setTimeout(() => {
    reject(new HybridError({ code: timeoutCode, message: `${what}: no answer within ${timeoutMs} ms` }));
  }, timeoutMs);
  signal.addEventListener('abort', abandon);
  if (signal.aborted) abandon();
  try {
    return await Promise.race([promise, ended]);
  } finally {
    clock.clearTimeout(timer);
    signal.removeEventListener('abort', abandon);
    promise.catch(() => undefined);
  }
}
