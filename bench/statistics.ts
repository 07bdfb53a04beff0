/** A figure over several rounds. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly rounds: number;
}

/** Median with the lowest and the highest round. Throws a RangeError for an empty list. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined) throw new RangeError('no rounds');
  return { median: quantile(sorted, 0.5), low, high, rounds: sorted.length };
}

export const median = (values: readonly number[]): number => spreadOf(values).median;

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Quantile `q` (0…1) of values in ascending order, interpolated between neighbours. Throws a RangeError for an
 * empty list.
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const place = (sorted.length - 1) * q;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new RangeError('no values');
  return below + (above - below) * (place - Math.floor(place));
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Median of the slopes between all pairs (Theil–Sen): a garbage collection that frees half the memory between two
 * samples does not tilt it. Zero for less than two points.
 */
export function robustSlope(points: readonly Point[]): number {
  const slopes: number[] = [];
  for (const [index, a] of points.entries()) {
    for (const b of points.slice(index + 1)) {
      if (b.x !== a.x) slopes.push((b.y - a.y) / (b.x - a.x));
    }
  }
  return slopes.length === 0 ? 0 : median(slopes);
}
