import { describe, expect, it } from 'vitest';
import { EventWheel, type Turner } from '../../bench/event-wheel.ts';

/** A wheel on a clock that the test moves; `until` turns it every 20 µs. */
function wheelCase() {
  let nowMs = 1_000;
  let due: (() => void) | undefined;
  const wheel = new EventWheel(10, {
    now: () => nowMs,
    soon: (callback) => {
      due = callback;
    },
  });
  const spin = (): void => {
    const callback = due;
    due = undefined;
    callback?.();
  };
  const until = (ms: number): void => {
    const steps = Math.round((1_000 + ms - nowMs) * 50);
    const from = nowMs;
    for (let step = 1; step <= steps; step += 1) {
      nowMs = from + step / 50;
      spin();
    }
  };
  /** The clock goes on and nobody looks at it. */
  const drift = (ms: number): void => {
    nowMs = 1_000 + ms;
  };
  const jump = (ms: number): void => {
    drift(ms);
    spin();
  };
  const member = (turns: number): Turner & { readonly atMs: number[] } => {
    const atMs: number[] = [];
    return {
      atMs,
      turn: () => {
        atMs.push(nowMs - 1_000);
        return atMs.length < turns;
      },
    };
  };
  return { wheel, until, drift, jump, member, isIdle: () => due === undefined };
}

describe('the event wheel', () => {
  it('gives each member one turn every period, from its own start, until it wants no more', () => {
    const { wheel, until, member, isIdle } = wheelCase();
    const [early, late] = [member(3), member(2)];
    wheel.add(early);
    until(4.3);
    wheel.add(late);
    until(60);
    for (const [index, ms] of [10, 20, 30].entries()) expect(early.atMs[index]).toBeCloseTo(ms, 1);
    for (const [index, ms] of [14.3, 24.3].entries()) expect(late.atMs[index]).toBeCloseTo(ms, 1);
    expect([early.atMs.length, late.atMs.length, wheel.size]).toEqual([3, 2, 0]);
    expect(isIdle()).toBe(true);
  });

  it('starts anew after it was empty', () => {
    const { wheel, until, member } = wheelCase();
    wheel.add(member(1));
    until(20);
    const second = member(1);
    wheel.add(second);
    until(29.9);
    expect(second.atMs).toEqual([]);
    until(30.1);
    expect(second.atMs).toHaveLength(1);
  });

  it('skips turns when it is late, and never gives two at once', () => {
    const { wheel, jump, member } = wheelCase();
    const members = [member(9), member(9)];
    for (const each of members) wheel.add(each);
    jump(35);
    expect(members.map(({ atMs }) => atMs.length)).toEqual([1, 1]);
  });

  it('gives a member that joins while the wheel is late no early turn', () => {
    const { wheel, until, drift, member } = wheelCase();
    wheel.add(member(9));
    until(3);
    drift(38);
    const joining = member(1);
    wheel.add(joining);
    until(47.9);
    expect(joining.atMs).toEqual([]);
    until(48.1);
    expect(joining.atMs).toHaveLength(1);
  });
});
