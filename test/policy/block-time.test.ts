import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addSample,
  blockTimePriorMs,
  estimateBlockTime,
  type HeadSample,
} from '../../src/policy/block-time.ts';
import { blockHeight, unixMs } from '../../src/units.ts';

const sample = (height: number, seenAt: number): HeadSample => ({
  height: blockHeight(height),
  seenAt: unixMs(seenAt),
});
const seen = (...heads: readonly (readonly [number, number])[]): readonly HeadSample[] =>
  heads.reduce<readonly HeadSample[]>((samples, [height, at]) => addSample(samples, sample(height, at)), []);

describe('the measure of block time', () => {
  it('is the prior until ten blocks were seen to pass', () => {
    expect(estimateBlockTime([])).toBe(blockTimePriorMs);
    expect(estimateBlockTime(seen([100, 0], [109, 90_000]))).toBe(blockTimePriorMs);
    expect(estimateBlockTime(seen([100, 0], [110, 60_000]))).toBe(6_000);
  });

  it('ignores a head that did not advance', () => {
    expect(seen([100, 0], [100, 5_000])).toEqual([sample(100, 0)]);
  });

  it('begins anew when the chain goes back, as another source may', () => {
    expect(seen([100, 0], [120, 120_000], [90, 130_000])).toEqual([sample(90, 130_000)]);
  });

  it('remembers sixty heads and forgets the oldest', () => {
    const samples = seen(...Array.from({ length: 100 }, (_, at) => [at, at * 5_000] as const));
    expect(samples).toHaveLength(60);
    expect(samples[0]).toEqual(sample(40, 200_000));
  });

  it('stays plausible whatever a source says', () => {
    const heads = fc.array(fc.tuple(fc.nat(1_000_000), fc.nat(1_000_000_000)), { maxLength: 80 });
    fc.assert(
      fc.property(heads, (any) => {
        const estimate = estimateBlockTime(seen(...any));
        expect(estimate).toBeGreaterThanOrEqual(2_000);
        expect(estimate).toBeLessThanOrEqual(10_000);
      }),
    );
  });
});
