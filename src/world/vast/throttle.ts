import type { WorldClock } from '../clock.ts';

/** Source: docs/reference/vast.md "Rate limits". The number is the least time between two calls of one caller. */
interface Limit {
  readonly intervalMs: number;
  /** After a violation this long has to pass instead. */
  readonly penaltyMs?: number;
}

const limits = {
  create: { intervalMs: 4_500, penaltyMs: 12_000 },
  show: { intervalMs: 2_000 },
  list: { intervalMs: 1_000 },
  change: { intervalMs: 1_000 },
  destroy: { intervalMs: 3_000 },
  addKey: { intervalMs: 1_000 },
} as const satisfies Record<string, Limit>;

/** The search allows a number of calls a minute instead of an interval. */
const searchesAMinute = 10;

export type Throttled = keyof typeof limits | 'search';

/** Per endpoint and caller; a call that is refused counts as a call, so hammering never gets through. */
export class Throttle {
  readonly #clock: WorldClock;
  readonly #notBefore = new Map<string, number>();
  readonly #searches = new Map<string, number[]>();
  constructor(clock: WorldClock) {
    this.#clock = clock;
  }

  /** The threshold that this call violates, as the 429 names it; undefined = the call may pass. */
  violated(endpoint: Throttled, caller: string): number | undefined {
    if (endpoint === 'search') return this.#searchViolated(caller);
    const limit: Limit = limits[endpoint];
    const key = `${endpoint} ${caller}`;
    const now = this.#clock.now();
    const early = now < (this.#notBefore.get(key) ?? 0);
    this.#notBefore.set(key, now + (early ? (limit.penaltyMs ?? limit.intervalMs) : limit.intervalMs));
    return early ? limit.intervalMs / 1000 : undefined;
  }

  #searchViolated(caller: string): number | undefined {
    const now = this.#clock.now();
    const recent = (this.#searches.get(caller) ?? [])
      .filter((at) => at > now - 60_000)
      .slice(-searchesAMinute);
    this.#searches.set(caller, [...recent, now]);
    return recent.length >= searchesAMinute ? searchesAMinute : undefined;
  }
}
