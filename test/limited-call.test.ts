import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { limitedCall } from '../src/limited-call.ts';

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

describe('a call with a limit', () => {
  it('gives what the call gives, and leaves no tie to its parent', async () => {
    const parent = new AbortController();
    expect(await limitedCall(parent.signal, 60_000, () => Promise.resolve(7))).toBe(7);
    expect(getEventListeners(parent.signal, 'abort')).toEqual([]);
  });

  it('is abandoned with its parent, for the same reason', async () => {
    const parent = new AbortController();
    const call = limitedCall(parent.signal, 60_000, untilAborted);
    parent.abort(new Error('stopped'));
    await expect(call).rejects.toThrow('stopped');
    expect(getEventListeners(parent.signal, 'abort')).toEqual([]);
  });

  it('is aborted from the start where its parent is', async () => {
    const call = limitedCall(AbortSignal.abort(new Error('over')), 60_000, (signal) =>
      Promise.resolve(signal.reason),
    );
    expect(await call).toMatchObject({ message: 'over' });
  });

  it('is aborted as a time-out once the limit has passed', async () => {
    const kept = setTimeout(() => undefined, 60_000);
    const call = limitedCall(new AbortController().signal, 1, untilAborted);
    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
    clearTimeout(kept);
  });

  it('cuts its ties also when the call throws at once', () => {
    const parent = new AbortController();
    expect(() =>
      limitedCall(parent.signal, 60_000, () => {
        throw new Error('at once');
      }),
    ).toThrow('at once');
    expect(getEventListeners(parent.signal, 'abort')).toEqual([]);
  });
});
