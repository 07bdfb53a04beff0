import { HybridError } from '../../errors.ts';

/** The daemon's clock, as far as pacing needs it. */
export interface PacerClock {
  now(): number;
  /** Resolves after `ms` of this clock; rejects with the signal's reason. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

interface Lane {
  readonly intervalMs: number;
  /** Pause after the first 429; it doubles with each further one. */
  readonly refusedMs: number;
}

/**
 * The intervals that the API demands, with a margin. Source: docs/reference/vast.md "Rate limits" (create has a
 * penalty of 12 s; the search allows ten calls a minute).
 */
const lanes = {
  create: { intervalMs: 5_000, refusedMs: 15_000 },
  destroy: { intervalMs: 3_500, refusedMs: 7_000 },
  list: { intervalMs: 1_500, refusedMs: 5_000 },
  show: { intervalMs: 2_500, refusedMs: 5_000 },
  search: { intervalMs: 6_500, refusedMs: 15_000 },
  account: { intervalMs: 1_500, refusedMs: 5_000 },
} as const satisfies Record<string, Lane>;

export type LaneName = keyof typeof lanes;

/** No Retry-After is ever sent, so the doubling needs an end of its own. */
const longestPauseMs = 120_000;
/** Callers that may wait in one lane; more of them is a fault of the caller. */
const waitingMax = 32;

interface LaneState {
  notBefore: number;
  refusals: number;
  waiting: number;
}

/**
 * Keeps calls to one endpoint apart. The interval counts from the answer as well as from the request: what matters is
 * when requests arrive there, and the network may hold one up.
 */
export class Pacer {
  readonly #clock: PacerClock;
  readonly #random: () => number;
  readonly #states = new Map<LaneName, LaneState>();

  /** `random` in [0, 1) spreads the pauses after a 429; default Math.random. */
  constructor(clock: PacerClock, random: () => number = Math.random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Waits until a call may go out. Throws ABORTED, or VAST_RATE_LIMITED when too many callers wait already. */
  async turn(name: LaneName, signal: AbortSignal): Promise<void> {
    const lane = this.#state(name);
    if (lane.waiting >= waitingMax) {
      throw new HybridError({
        code: 'VAST_RATE_LIMITED',
        message: `more than ${waitingMax} calls wait for Vast.ai ${name}`,
      });
    }
    lane.waiting += 1;
    try {
      await this.#wait(lane, lanes[name].intervalMs, signal);
    } finally {
      lane.waiting -= 1;
    }
  }

  /** The call got its answer, or never will. */
  answered(name: LaneName): void {
    const lane = this.#state(name);
    lane.refusals = 0;
    lane.notBefore = Math.max(lane.notBefore, this.#clock.now() + lanes[name].intervalMs);
  }

  /** The call was answered with 429. Returns the pause that the next one will keep, in milliseconds of the clock. */
  refused(name: LaneName): number {
    const lane = this.#state(name);
    const doubled = lanes[name].refusedMs * 2 ** Math.min(lane.refusals, 10);
    const pauseMs = Math.min(longestPauseMs, doubled * (1 + 0.25 * this.#random()));
    lane.refusals += 1;
    lane.notBefore = Math.max(lane.notBefore, this.#clock.now() + pauseMs);
    return pauseMs;
  }

  async #wait(lane: LaneState, intervalMs: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      if (signal.aborted) throw abandoned();
      const leftMs = lane.notBefore - this.#clock.now();
      if (leftMs <= 0) {
        // Taken in the same step as it was found free: callers that wake together must not go out together.
        lane.notBefore = this.#clock.now() + intervalMs;
        return;
      }
      // A clock that was set back must not turn a pause of seconds into one of hours.
      if (leftMs > longestPauseMs) lane.notBefore = this.#clock.now() + longestPauseMs;
      try {
        await this.#clock.sleep(Math.min(leftMs, longestPauseMs), signal);
      } catch {
        throw abandoned();
      }
    }
  }

  #state(name: LaneName): LaneState {
    const known = this.#states.get(name);
    if (known) return known;
    const fresh: LaneState = { notBefore: 0, refusals: 0, waiting: 0 };
    this.#states.set(name, fresh);
    return fresh;
  }
}

const abandoned = (): HybridError =>
  new HybridError({
    code: 'ABORTED',
    message: 'abandoned while waiting for a turn at Vast.ai; nothing was sent',
  });
