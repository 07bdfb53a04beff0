const minuteMs = 60_000;

/**
 * Requests within any minute, as a provider's tier counts them (docs/reference/upstream.md "Limits"). A ring of the
 * latest turns: a request may go when the one that many places before it is a minute old.
 */
export class RequestTurns {
  readonly #takenAt: Float64Array;
  #at = 0;

  /** `perMinute`: from 1. */
  constructor(perMinute: number) {
    this.#takenAt = new Float64Array(perMinute).fill(-Infinity);
  }

  /** Takes a turn and returns 0, or returns the milliseconds until there is one. */
  take(nowMs: number): number {
    const oldest = this.#takenAt[this.#at] ?? -Infinity;
    const waitMs = oldest + minuteMs - nowMs;
    if (waitMs > 0) return waitMs;
    this.#takenAt[this.#at] = nowMs;
    this.#at = (this.#at + 1) % this.#takenAt.length;
    return 0;
  }
}
