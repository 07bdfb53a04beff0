const minuteMs = 60_000;

/**
 * Requests a minute of one caller, as a bucket that fills evenly: a burst may take the whole minute's allowance,
 * after it requests come at the even pace.
 */
export class RequestRate {
  readonly #perMinute: number;
  #left: number;
  #seenAtMs: number;
  constructor(perMinute: number, nowMs: number) {
    this.#perMinute = perMinute;
    this.#left = perMinute;
    this.#seenAtMs = nowMs;
  }

  /** 0 when the request may come; else milliseconds until the next one may. A clock that steps back fills nothing. */
  take(nowMs: number): number {
    const passedMs = Math.max(0, nowMs - this.#seenAtMs);
    this.#left = Math.min(this.#perMinute, this.#left + (passedMs * this.#perMinute) / minuteMs);
    this.#seenAtMs = nowMs;
    if (this.#left < 1) return Math.ceil(((1 - this.#left) * minuteMs) / this.#perMinute - 1e-6);
    this.#left -= 1;
    return 0;
  }
}
