/**
 * `call` with a signal that is aborted with `parent`, or after so many real milliseconds (TimeoutError). Both ties are
 * cut when the call is over: `AbortSignal.any` and `AbortSignal.timeout` leave that to the garbage collector, at more
 * than most calls cost.
 */
export function limitedCall<Result>(
  parent: AbortSignal,
  limitMs: number,
  call: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const abandon = (): void => controller.abort(parent.reason);
  if (parent.aborted) abandon();
  else parent.addEventListener('abort', abandon, { once: true });
  const limit = setTimeout(() => controller.abort(new DOMException(timedOut, 'TimeoutError')), limitMs);
  // What waits for a neighbour keeps no process alive by itself.
  limit.unref();
  const untie = (): void => {
    clearTimeout(limit);
    parent.removeEventListener('abort', abandon);
  };
  try {
    const result = call(controller.signal);
    void result.then(untie, untie);
    return result;
  } catch (error) {
    untie();
    throw error;
  }
}

const timedOut = 'The operation was aborted due to timeout';
