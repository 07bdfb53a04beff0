import { describe, expect, it } from 'vitest';
import { quantile, robustSlope, spreadOf } from '../../bench/statistics.ts';

describe('a spread', () => {
  it('is the median with the lowest and the highest round', () => {
    expect(spreadOf([5, 1, 9, 3, 4])).toEqual({ median: 4, low: 1, high: 9, rounds: 5 });
  });

  it('takes the middle between two rounds', () => {
    expect(spreadOf([10, 20]).median).toBe(15);
  });

  it('does not exist without rounds', () => {
    expect(() => spreadOf([])).toThrow(RangeError);
  });
});

describe('a quantile', () => {
  it.each([
    [0, 10],
    [0.5, 25],
    [0.9, 37],
    [1, 40],
  ])('at %d of four values lies between its neighbours', (q, value) => {
    expect(quantile([10, 20, 30, 40], q)).toBeCloseTo(value);
  });
});

describe('the robust slope', () => {
  const line = (count: number, slope: number) =>
    Array.from({ length: count }, (_, x) => ({ x, y: 100 + slope * x }));

  it('is that of a line', () => {
    expect(robustSlope(line(20, 0.5))).toBeCloseTo(0.5);
  });

  it('is not tilted by a collection that frees half the memory at the end', () => {
    const points = line(30, 0).map((point) => (point.x > 26 ? { ...point, y: 50 } : point));
    expect(robustSlope(points)).toBe(0);
  });

  it('of a single point is flat', () => {
    expect(robustSlope([{ x: 1, y: 1 }])).toBe(0);
  });
});
