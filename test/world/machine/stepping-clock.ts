import { setImmediate } from 'node:timers/promises';
import type { WorldClock, WorldTimer } from '../../../src/world/clock.ts';

/** A world clock that stands still until it is told to run; timers fire in order, promises settle in between. */
export class SteppingClock implements WorldClock {
  #now = 1_700_000_000_000;
  #timers: { readonly at: number; readonly fn: () => void; readonly handle: WorldTimer }[] = [];
  now = (): number => this.#now;
  setTimeout = (fn: () => void, ms: number): WorldTimer => {
    const handle: WorldTimer = { worldTimer: Symbol('timer') };
    this.#timers.push({ at: this.#now + Math.max(0, ms), fn, handle });
    return handle;
  };
  clearTimeout = (timer: WorldTimer | undefined): void => {
    this.#timers = this.#timers.filter(({ handle }) => handle !== timer);
  };
  get pending(): number {
    return this.#timers.length;
  }
  async run(ms: number): Promise<void> {
    const end = this.#now + ms;
    await setImmediate();
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.fn();
      await setImmediate();
    }
    this.#now = end;
    await setImmediate();
  }
}
