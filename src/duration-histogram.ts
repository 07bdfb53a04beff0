/** Seconds, from a fast commit to a slow boot: what a histogram is cut by unless it is told otherwise. */
const latencyBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300] as const;

/**
 * Counts durations by upper bound, for a metric. One observation is a few comparisons and two additions: nothing is
 * allocated and no label is looked up.
 */
export class DurationHistogram {
  /** Upper bounds in seconds, ascending; the last class has none. */
  readonly bounds: readonly number[];
  /** One more than bounds; not cumulative. */
  readonly counts: number[];
  sum = 0;
  count = 0;

  constructor(bounds: readonly number[] = latencyBounds) {
    this.bounds = bounds;
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(seconds: number): void {
    const { bounds, counts } = this;
    let place = 0;
    while (place < bounds.length && seconds > (bounds[place] as number)) place += 1;
    counts[place] = (counts[place] as number) + 1;
    this.sum += seconds;
    this.count += 1;
  }
}
