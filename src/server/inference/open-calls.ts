/** Something whose limits are looked at now and then. */
export interface Sweepable {
  /** `nowMs`: `performance.now()`. */
  sweep(nowMs: number): void;
}

/**
 * Every call that is under way. Places in an array, with a list of the free ones: at thousands of calls a second a
 * set or a map of them costs more than all the rest. One timer looks at all their limits.
 */
export class OpenCalls<Call extends Sweepable> {
  readonly #places: (Call | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #timer: NodeJS.Timeout;

  /** `sweepPeriodMs`: real milliseconds; a limit is noticed at most so much late. */
  constructor(sweepPeriodMs: number) {
    this.#timer = setInterval(() => this.#sweep(), sweepPeriodMs);
    this.#timer.unref();
  }

  get count(): number {
    return this.#places.length - this.#free.length;
  }

  add(call: Call): number {
    const place = this.#free.pop() ?? this.#places.length;
    this.#places[place] = call;
    return place;
  }

  remove(place: number): void {
    if (this.#places[place] === undefined) return;
    this.#places[place] = undefined;
    this.#free.push(place);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sweep(): void {
    const nowMs = performance.now();
    for (const call of this.#places) call?.sweep(nowMs);
  }
}
