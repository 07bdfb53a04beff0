import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventWheel, type Turner } from '../../bench/event-wheel.ts';

const member = (turns: number): Turner & { readonly atMs: number[] } => {
  const atMs: number[] = [];
  return {
    atMs,
    turn: () => {
      atMs.push(Math.floor(performance.now()));
      return atMs.length < turns;
    },
  };
};

describe('the event wheel', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('gives each member one turn every period until it wants no more', () => {
    const wheel = new EventWheel(10);
    const early = member(3);
    const late = member(2);
    const beginMs = Math.floor(performance.now());
    wheel.add(early);
    vi.advanceTimersByTime(4);
    wheel.add(late);
    vi.advanceTimersByTime(60);
    expect(early.atMs.map((ms) => ms - beginMs)).toEqual([10, 20, 30]);
    expect(late.atMs.map((ms) => ms - beginMs)).toEqual([14, 24]);
    expect(wheel.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('skips turns when it is late, and never gives two at once', () => {
    const wheel = new EventWheel(10);
    const members = [member(9), member(9)];
    for (const each of members) wheel.add(each);
    const base = performance.now();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(base + 35);
    vi.advanceTimersByTime(1);
    clock.mockRestore();
    expect(members.map(({ atMs }) => atMs.length)).toEqual([1, 1]);
    wheel.stop();
  });
});
