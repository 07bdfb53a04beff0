import type { WorldClock, WorldTimer } from '../clock.ts';

/** Calls something every `periodMs` of world time until it is stopped. `purpose` as `WorldClock.setTimeout` has it. */
export class Ticker {
  readonly #clock: WorldClock;
  readonly #periodMs: number;
  readonly #act: () => void;
  readonly #purpose: string | undefined;
  #timer: WorldTimer | undefined;
  constructor(clock: WorldClock, periodMs: number, act: () => void, purpose?: string) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#act = act;
    this.#purpose = purpose;
    this.#arm();
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
  }

  #arm(): void {
    const tick = (): void => {
      this.#arm();
      this.#act();
    };
    this.#timer = this.#clock.setTimeout(tick, this.#periodMs, this.#purpose);
  }
}
