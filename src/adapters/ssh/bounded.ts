import { HybridError, type ErrorCode } from '../../errors.ts';

export interface Bounds {
  /** What is being done, for the message. */
  readonly what: string;
  /** Real milliseconds. */
  readonly timeoutMs: number;
  /** Code of the error when the limit passes. */
  readonly timeoutCode: ErrorCode;
  readonly signal: AbortSignal;
}

export interface Settle<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Turns callback work into a promise that always ends: with the work's own outcome, with `timeoutCode`, or with
 * ABORTED. `start` may return what gives the work up; it is called in the last two cases. A throw of `start` rejects.
 */
export function bounded<T>(bounds: Bounds, start: (settle: Settle<T>) => (() => void) | void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let isSettled = false;
    let giveUp: (() => void) | void;
    const settle = (end: () => void): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(limit);
      bounds.signal.removeEventListener('abort', onAbort);
      end();
    };
    const fail = (code: ErrorCode, message: string): void =>
      settle(() => {
        reject(new HybridError({ code, message: `${bounds.what}: ${message}` }));
        giveUp?.();
      });
    const onAbort = (): void => fail('ABORTED', 'abandoned');
    const limit = setTimeout(
      () => fail(bounds.timeoutCode, `no end within ${bounds.timeoutMs} ms`),
      bounds.timeoutMs,
    );
    bounds.signal.addEventListener('abort', onAbort, { once: true });
    if (bounds.signal.aborted) return onAbort();
    try {
      giveUp = start({
        resolve: (value) => settle(() => resolve(value)),
        reject: (error) => settle(() => reject(error)),
      });
    } catch (error) {
      settle(() => reject(error));
    }
  });
}
