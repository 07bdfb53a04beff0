import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  widenedNeeds,
  wideningAllowed,
  wideningBegins,
  wideningMax,
  wideningSentence,
} from '../../src/policy/needs-widening.ts';

const needs = {
  gpuNames: ['RTX 4090'],
  gpuCount: 1,
  gpuRamMbMin: 40_000,
  gpuTotalRamMbMin: 38_000,
  diskGb: 60,
  priceMax: 1_000_000,
  reliabilityMin: 0.95,
  inetDownMbpsMin: 400,
  cudaMin: 12.6,
  durationSecondsMin: 90_000,
};

describe('the needs of a search as the deadline nears', () => {
  it('are the operator’s own until a quarter of the lead is gone, and the widest in the last quarter', () => {
    expect(
      [1.2, 1, 0.76, 0.75, 0.5, 0.25, 0, -0.1].map((share) => wideningAllowed(share * 900, 900)),
    ).toEqual([0, 0, 0, 1, 2, 3, 3, 3]);
    expect(wideningAllowed(0, 0)).toBe(wideningMax);
    expect(widenedNeeds(needs, 0)).toEqual(needs);
  });

  it('give way in reliability first, then in the line, then in the GPU', () => {
    expect([1, 2, 3].map((level) => wideningSentence(needs, level))).toEqual([
      'reliability of 0.93',
      'reliability of 0.9, a line of 200 Mbit/s',
      'reliability of 0.85, a line of 100 Mbit/s, any GPU with the memory',
    ]);
    expect(wideningSentence({ reliabilityMin: 0.8, inetDownMbpsMin: 0 }, 3)).toBeNull();
  });

  it('never give way in price, memory, CUDA, disk and duration, and never become narrower', () => {
    const asked = fc.record({
      reliabilityMin: fc.double({ min: 0, max: 1, noNaN: true }),
      inetDownMbpsMin: fc.integer({ min: 0, max: 10_000 }),
    });
    fc.assert(
      fc.property(asked, fc.integer({ min: 1, max: wideningMax }), (wishes, level) => {
        const [before, now] = [level - 1, level].map((each) => widenedNeeds({ ...needs, ...wishes }, each));
        const { gpuNames: _, reliabilityMin, inetDownMbpsMin, ...hard } = now!;
        expect(hard).toEqual(
          expect.objectContaining({
            gpuCount: 1,
            gpuRamMbMin: 40_000,
            gpuTotalRamMbMin: 38_000,
            diskGb: 60,
            priceMax: 1_000_000,
            cudaMin: 12.6,
            durationSecondsMin: 90_000,
          }),
        );
        expect(reliabilityMin).toBeLessThanOrEqual(before!.reliabilityMin);
        expect(inetDownMbpsMin).toBeLessThanOrEqual(before!.inetDownMbpsMin);
        expect(wideningBegins(level)).toBeLessThan(wideningBegins(level - 1));
      }),
    );
  });
});
