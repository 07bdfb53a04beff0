import { describe, expect, it } from 'vitest';
import {
  afterEachOther,
  eitherPhase,
  fixedPhase,
  lognormalPhase,
  type Phase,
} from '../../src/policy/boot-phases.ts';

const weightOf = (phase: Phase): number => phase.reduce((sum, { weight }) => sum + weight, 0);
const meanOf = (phase: Phase): number =>
  phase.reduce((sum, { seconds, weight }) => sum + seconds * weight, 0);
const secondsOf = (phase: Phase): number[] => phase.map(({ seconds }) => seconds);
/** So many equally likely points, one a second. */
const even = (count: number, step = 1): Phase =>
  Array.from({ length: count }, (_, at) => ({ seconds: at * step, weight: 1 / count }));

describe('a lognormal phase', () => {
  const phase = lognormalPhase(15, 60);

  it('rises in equally likely pieces around its median, as much above as below by factors', () => {
    const seconds = secondsOf(phase);
    expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
    expect(seconds[3]).toBe(15);
    for (const [at, second] of seconds.entries())
      expect(second * (seconds[seconds.length - 1 - at] ?? 0)).toBeCloseTo(225);
    expect(new Set(phase.map(({ weight }) => weight)).size).toBe(1);
    expect(weightOf(phase)).toBeCloseTo(1);
  });

  it('is as wide as its 95th percentile says', () => {
    // The middle of the highest seventh is the 92.9th percentile: 1.465 of the 1.645 deviations to the 95th.
    expect(Math.max(...secondsOf(phase))).toBeCloseTo(15 * 4 ** (1.465 / 1.645));
    expect(Math.max(...secondsOf(lognormalPhase(15, 30)))).toBeCloseTo(15 * 2 ** (1.465 / 1.645));
  });
});

describe('phases together', () => {
  it('one of several takes each with its probability', () => {
    expect(eitherPhase([0.25, fixedPhase(1)], [0.75, even(2)])).toEqual([
      { seconds: 1, weight: 0.25 },
      { seconds: 0, weight: 0.375 },
      { seconds: 1, weight: 0.375 },
    ]);
  });

  it('no phase takes no time', () => {
    expect(afterEachOther()).toEqual(fixedPhase(0));
  });

  it('add up every pair while they are few, in order', () => {
    const sum = afterEachOther(even(5), even(12, 10));
    expect(sum).toHaveLength(60);
    expect(secondsOf(sum).slice(0, 7)).toEqual([0, 1, 2, 3, 4, 10, 11]);
    expect(weightOf(sum)).toBeCloseTo(1);
  });

  it('become fewer points when they are many, and lose neither probability nor mean', () => {
    const phases = [lognormalPhase(15, 60), lognormalPhase(8, 30), even(11, 3)];
    const sum = afterEachOther(...phases);
    expect(sum.length).toBeLessThanOrEqual(61);
    expect(sum.length).toBeGreaterThan(40);
    expect(weightOf(sum)).toBeCloseTo(1, 9);
    expect(meanOf(sum)).toBeCloseTo(
      phases.reduce((total, phase) => total + meanOf(phase), 0),
      6,
    );
    const seconds = secondsOf(sum);
    expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
    for (const { weight } of sum.slice(0, -1)) expect(weight).toBeLessThan(2.5 / 60);
  });
});
