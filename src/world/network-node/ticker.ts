import type { WorldClock, WorldTimer } from '../clock.ts';

/** Calls something every `periodMs` of world time until it is stopped. */
export class Ticker {
  readonly #clock: WorldClock;
  readonly #periodMs: number;
  readonly #act: () => void;
  #timer: WorldTimer | undefined;
  constructor(clock: WorldClock, periodMs: number, act: () => void) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#act = act;
    this.#arm();
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
  }

  #arm(): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#arm();
      this.#act();
    }, this.#periodMs);
  }
}
