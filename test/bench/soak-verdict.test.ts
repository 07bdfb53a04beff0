import { describe, expect, it } from 'vitest';
import { verdictOfSoak } from '../../bench/soak-verdict.ts';

/** A sample every 5 s for half an hour, with the teeth of a garbage collector. */
const run = (levelMb: (seconds: number) => number) =>
  Array.from({ length: 360 }, (_, index) => ({ x: index * 5, y: levelMb(index * 5) + (index % 7) * 3 }));

describe('the verdict on a soak', () => {
  it('is flat for memory that stays', () => {
    expect(verdictOfSoak(run(() => 150))).toMatchObject({ isFlat: true, riseMb: 0 });
  });

  it('is flat for memory that grows only while the process settles', () => {
    expect(verdictOfSoak(run((seconds) => Math.min(200, 100 + seconds / 5))).isFlat).toBe(true);
  });

  it('is rising for a leak of 50 bytes a request at 300 requests a second', () => {
    const verdict = verdictOfSoak(run((seconds) => 120 + (seconds * 300 * 50) / 1e6));
    expect(verdict.isFlat).toBe(false);
    expect(verdict.riseMbPerHour).toBeCloseTo(54, 0);
  });

  it('is flat for memory that is given back', () => {
    expect(verdictOfSoak(run((seconds) => 200 - seconds / 50)).isFlat).toBe(true);
  });

  it('needs samples', () => {
    expect(() => verdictOfSoak([{ x: 0, y: 1 }])).toThrow(RangeError);
  });
});
