import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSystemClock } from '../../src/runtime/system-clock.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the daemon’s clock', () => {
  it('agrees with every process that has the same origin and scale', () => {
    const originMs = Date.now() - 1000;
    const clock = createSystemClock({ scale: 100, originMs });
    expect(clock.now()).toBe(originMs + 100_000);
    vi.advanceTimersByTime(10);
    expect(clock.now()).toBe(originMs + 101_000);
  });

  it('runs on when somebody sets the wall clock', () => {
    const clock = createSystemClock();
    const before = clock.now();
    vi.advanceTimersByTime(500);
    vi.setSystemTime(5);
    expect(clock.now()).toBe(before + 500);
  });

  it('divides waits by its scale, and never ends one early', () => {
    const clock = createSystemClock({ scale: 10 });
    const fired = vi.fn<() => void>();
    clock.setTimeout(fired, 1005);
    vi.advanceTimersByTime(100);
    expect(fired).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fired).toHaveBeenCalledOnce();
  });

  it('waits longer than one timer of Node can', () => {
    const clock = createSystemClock();
    const fired = vi.fn<() => void>();
    const sixtyDaysMs = 60 * 24 * 3_600_000;
    clock.setTimeout(fired, sixtyDaysMs);
    const cleared = clock.setTimeout(fired, sixtyDaysMs);
    vi.advanceTimersByTime(sixtyDaysMs - 1);
    expect(fired).not.toHaveBeenCalled();
    clock.clearTimeout(cleared);
    vi.advanceTimersByTime(1);
    expect(fired).toHaveBeenCalledOnce();
  });

  it('sleeps until its time, or until it is told not to', async () => {
    const clock = createSystemClock({ scale: 10 });
    const slept = clock.sleep(1000);
    vi.advanceTimersByTime(100);
    await slept;
    const controller = new AbortController();
    const disturbed = clock.sleep(1000, controller.signal);
    controller.abort(new Error('stop'));
    await expect(disturbed).rejects.toThrow('stop');
    await expect(clock.sleep(1, controller.signal)).rejects.toThrow('stop');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('refuses to stand still', () => {
    expect(() => createSystemClock({ scale: 0 })).toThrow(RangeError);
  });
});
