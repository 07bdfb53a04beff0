import { describe, expect, test } from 'vitest';
import { Pacer } from '../../../src/adapters/vast/pacer.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';

const never = new AbortController().signal;

/** A pacer on a virtual clock, and when each of `calls` calls went out. */
async function turns(calls: number, answeredAfterMs: number): Promise<number[]> {
  const clock = new VirtualClock();
  const pacer = new Pacer(clock, () => 0);
  const at: number[] = [];
  const done = (async () => {
    for (let call = 0; call < calls; call += 1) {
      await pacer.turn('create', never);
      at.push(clock.now());
      await clock.sleep(answeredAfterMs);
      pacer.answered('create');
    }
  })();
  await clock.advanceBy(600_000);
  await done;
  return at;
}

describe('the pacer', () => {
  test('keeps calls of one lane apart, counted from the answer', async () => {
    expect(await turns(3, 2_000)).toEqual([0, 7_000, 14_000]);
  });

  test('lets no two go out together, however many wait', async () => {
    const clock = new VirtualClock();
    const pacer = new Pacer(clock, () => 0);
    const at: number[] = [];
    const all = [1, 2, 3].map(() => pacer.turn('create', never).then(() => at.push(clock.now())));
    await clock.advanceBy(60_000);
    await Promise.all(all);
    expect(at).toEqual([0, 5_000, 10_000]);
  });

  test('lanes do not wait for each other', async () => {
    const clock = new VirtualClock();
    const pacer = new Pacer(clock, () => 0);
    await pacer.turn('create', never);
    await pacer.turn('destroy', never);
    await pacer.turn('search', never);
    expect(clock.now()).toBe(0);
  });

  test('doubles its pause with each refusal, up to two minutes, and starts anew after a success', () => {
    const pacer = new Pacer(new VirtualClock(), () => 0);
    const pauses = [1, 2, 3, 4, 5, 6].map(() => pacer.refused('create'));
    expect(pauses).toEqual([15_000, 30_000, 60_000, 120_000, 120_000, 120_000]);
    pacer.answered('create');
    expect(pacer.refused('create')).toBe(15_000);
  });

  test('spreads pauses, so that two daemons do not come back together', () => {
    expect(new Pacer(new VirtualClock(), () => 0.5).refused('create')).toBe(16_875);
  });

  test('a caller who gives up while waiting is told so at once', async () => {
    const clock = new VirtualClock();
    const pacer = new Pacer(clock, () => 0);
    await pacer.turn('create', never);
    const hurry = new AbortController();
    const waiting = pacer.turn('create', hurry.signal);
    hurry.abort(new Error('deadline'));
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
    expect(clock.now()).toBe(0);
  });

  test('has a bounded number of waiting callers', async () => {
    const pacer = new Pacer(new VirtualClock(), () => 0);
    await pacer.turn('create', never);
    const hurry = new AbortController();
    const waiting = Array.from({ length: 32 }, () =>
      pacer.turn('create', hurry.signal).catch(() => undefined),
    );
    await expect(pacer.turn('create', never)).rejects.toMatchObject({ code: 'VAST_RATE_LIMITED' });
    hurry.abort();
    await Promise.all(waiting);
  });

  test('a clock that is set back by a day does not make a pause of a day', async () => {
    let now = 86_400_000;
    const pacer = new Pacer({
      now: () => now,
      sleep: async (ms) => {
        now += ms;
      },
    });
    await pacer.turn('list', never);
    now = 0;
    await pacer.turn('list', never);
    expect(now).toBeLessThanOrEqual(120_000);
  });
});
