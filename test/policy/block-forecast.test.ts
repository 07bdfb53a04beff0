import { describe, expect, it } from 'vitest';
import { forecastBlocks } from '../../src/policy/block-forecast.ts';
import { estimateBlockTime } from '../../src/policy/block-time.ts';
import { blockHeight, unixMs } from '../../src/units.ts';

/** Blocks with a time each. */
function chain(blockTimes: readonly number[]) {
  let at = 0;
  return [0, ...blockTimes].map((ms, place) => {
    at += ms;
    return { height: blockHeight(100 + place), seenAt: unixMs(at) };
  });
}
const randomTimes = (count: number, seed: number): number[] => {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return 4_350 + (2_000 * state) / 2 ** 31;
  });
};

describe('the wait for a height', () => {
  it('is the mean block time, sure where blocks are even', () => {
    const forecast = forecastBlocks(chain(Array.from({ length: 40 }, () => 5_000)), 5_000, 100);
    expect(forecast).toEqual({ aboutMs: 500_000, spreadMs: 0 });
  });

  it('is never sure while nothing was measured, and less so the further away it is', () => {
    const near = forecastBlocks([], 5_350, 10).spreadMs;
    const far = forecastBlocks([], 5_350, 1_000).spreadMs;
    expect(near).toBeGreaterThan(3_000);
    expect(far).toBeGreaterThan(10 * near);
    expect(forecastBlocks([], 5_350, -5)).toEqual({ aboutMs: 0, spreadMs: 0 });
  });

  it('counts a look that saw several blocks as that many, with a part each of what it was off', () => {
    // Ten looks at two blocks each, alternately a second early and late: 0.7 s a block.
    const jumps = [0, ...Array.from({ length: 10 }, (_, at) => 10_000 + (at % 2 === 0 ? 1_000 : -1_000))];
    let at = 0;
    const seen = jumps.map((ms, place) => ({
      height: blockHeight(100 + 2 * place),
      seenAt: unixMs((at += ms)),
    }));
    const { spreadMs } = forecastBlocks(seen, 5_000, 20);
    const deviationMs = 1_000 / Math.sqrt(2);
    expect(spreadMs).toBeCloseTo(1.96 * deviationMs * Math.hypot(Math.sqrt(20), 20 / Math.sqrt(20)));
  });

  it('trusts its own measure from eight differences on, and takes a fifth of a block before', () => {
    const even = (count: number) => chain(Array.from({ length: count }, () => 5_000));
    expect(forecastBlocks(even(8), 5_000, 1).spreadMs).toBe(0);
    expect(forecastBlocks(even(7), 5_000, 1).spreadMs).toBeCloseTo(
      1.96 * 1_070 * Math.hypot(1, 1 / Math.sqrt(8)),
    );
  });

  it('ends within its range nineteen times of twenty', () => {
    let within = 0;
    const runs = 400;
    for (let seed = 1; seed <= runs; seed += 1) {
      const times = randomTimes(160, seed * 7_919);
      const seen = chain(times.slice(0, 60));
      const { aboutMs, spreadMs } = forecastBlocks(seen, estimateBlockTime(seen), 100);
      const really = times.slice(60).reduce((sum, ms) => sum + ms, 0);
      if (Math.abs(really - aboutMs) <= spreadMs) within += 1;
    }
    expect(within / runs).toBeGreaterThan(0.9);
    expect(within / runs).toBeLessThan(0.995);
  });
});
