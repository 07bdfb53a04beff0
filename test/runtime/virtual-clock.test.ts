import { describe, expect, it } from 'vitest';
import { type QuietTime, VirtualClock } from '../../src/runtime/virtual-clock.ts';

/** A look every 10 s whose answer is `version`, and an alarm of 25 s that each look winds up. */
function watched() {
  const clock = new VirtualClock(0);
  const quiet: QuietTime & { version: number } = {
    version: 1,
    versionOf: (purpose) => (purpose === 'look' ? quiet.version : undefined),
    feederOf: (purpose) => (purpose === 'alarm' ? 'look' : undefined),
  };
  clock.quiet = quiet;
  const looks: number[] = [];
  const look = (): void => {
    looks.push(clock.now());
    clock.setTimeout(look, 10, 'look');
  };
  clock.setTimeout(look, 10, 'look');
  return { clock, quiet, looks };
}

describe('a virtual clock in quiet time', () => {
  it('passes over looks whose answer cannot differ', async () => {
    const { clock, looks } = watched();
    await clock.advanceBy(1_000_000);
    expect(looks).toEqual([]);
    expect(clock.figures.rung).toBe(0);
    expect(clock.now()).toBe(1_000_000);
  });

  it('plays the next one after a change, at the moment at which it would have come anyhow', async () => {
    const { clock, quiet, looks } = watched();
    clock.setTimeout(() => (quiet.version += 1), 104);
    clock.setTimeout(() => (quiet.version += 1), 555);
    await clock.advanceBy(1_000);
    expect(looks).toEqual([110, 560]);
  });

  it('plays every one while its answer may differ at any time', async () => {
    const { clock, quiet, looks } = watched();
    quiet.version = Number.NaN;
    clock.setTimeout(() => {}, 5);
    await clock.advanceBy(50);
    expect(looks).toEqual([10, 20, 30, 40, 50]);
  });

  it('does not ring an alarm that looks would have wound up, and rings it when they stop', async () => {
    const { clock, quiet } = watched();
    const alarms: number[] = [];
    const alarm = clock.setTimeout(() => alarms.push(clock.now()), 25, 'alarm');
    for (let at = 7; at < 200; at += 7) clock.setTimeout(() => {}, at);
    await clock.advanceBy(200);
    expect(alarms).toEqual([]);
    quiet.version += 1;
    clock.clearTimeout(alarm);
    clock.setTimeout(() => alarms.push(clock.now()), 5, 'other');
    await clock.advanceBy(10);
    expect(alarms).toEqual([205]);
  });

  it('is an ordinary clock for whatever has no purpose that it knows', async () => {
    const { clock } = watched();
    const rung: number[] = [];
    clock.setTimeout(() => rung.push(clock.now()), 30, 'something else');
    clock.setTimeout(() => rung.push(clock.now()), 20);
    await clock.advanceBy(100);
    expect(rung).toEqual([20, 30]);
  });
});
