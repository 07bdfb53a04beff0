import type { WorldClock } from '../clock.ts';

const minuteMs = 60_000;

/** The tier's limit: so many requests in any minute of world time (docs/reference/upstream.md "Limits"). */
export class RequestWindow {
  readonly #clock: WorldClock;
  readonly #limit: number;
  #taken: number[] = [];
  constructor(clock: WorldClock, requestsPerMinute: number) {
    this.#clock = clock;
    this.#limit = requestsPerMinute;
  }
  /** `null` when the request is within the limit, else seconds until one is again. */
  take(): number | null {
    const now = this.#clock.now();
    this.#taken = this.#taken.filter((at) => at > now - minuteMs);
    const [oldest] = this.#taken;
    if (oldest !== undefined && this.#taken.length >= this.#limit) {
      return Math.max(1, Math.ceil((oldest + minuteMs - now) / 1000));
    }
    this.#taken.push(now);
    return null;
  }
}
