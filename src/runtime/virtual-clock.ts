import { unixMs, type UnixMs } from '../units.ts';
import type { Clock } from './clock.ts';
import { cancel, isSooner, TimerHeap, type VirtualTimer } from './timer-heap.ts';

/** Which looks at the world may be left out while time jumps, because their answer cannot differ from the last one. */
export interface QuietTime {
  /**
   * For a timer whose purpose is such a look: a value that changes whenever its answer may (NaN differs always).
   * Undefined = no look, the timer always rings.
   */
  versionOf(purpose: string): number | undefined;
  /** For an alarm that every look of some purpose winds up again: that purpose. */
  feederOf(purpose: string): string | undefined;
}

/**
 * A discrete-event clock for daemon and world at once: time moves only in `advanceBy` and `advanceTo`, from due timer
 * to due timer. With `quiet`, looks whose answer cannot differ are passed over by whole periods: they keep their phase.
 * Fits the runtime's and the world's clock.
 */
export class VirtualClock implements Clock {
  #now: number;
  #seq = 0;
  readonly #timers = new TimerHeap();
  readonly #looks = new TimerHeap();
  /** When a look of that purpose was passed over last. */
  readonly #passedAt = new Map<string, number>();
  /** Timers that rang, and looks that were passed over. */
  readonly figures = { rung: 0, passed: 0 };
  #turns = 0;
  quiet: QuietTime | undefined;
  /**
   * True while something that began at this instant goes on in another queue than that of the microtasks. Undefined =
   * nobody knows: the event loop goes round after every timer.
   */
  isBusy: (() => boolean) | undefined;

  constructor(startAt = 0) {
    this.#now = startAt;
  }

  now = (): UnixMs => unixMs(this.#now);

  setTimeout = (fn: () => void, ms: number, purpose?: string): VirtualTimer => {
    const periodMs = Math.max(0, ms);
    const version = purpose === undefined ? undefined : this.quiet?.versionOf(purpose);
    const timer: VirtualTimer = {
      worldTimer: fn,
      fn,
      seq: this.#seq++,
      armedAt: this.#now,
      periodMs,
      purpose,
      version,
      due: this.#now + periodMs,
      isCancelled: false,
    };
    const isLook =
      periodMs > 0 &&
      purpose !== undefined &&
      (version !== undefined || this.quiet?.feederOf(purpose) !== undefined);
    (isLook ? this.#looks : this.#timers).push(timer);
    return timer;
  };

  clearTimeout = (handle: unknown): void => {
    if (handle !== undefined) cancel(handle as VirtualTimer);
  };

  sleep = (ms: number, signal?: AbortSignal, purpose?: string): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const abandon = (): void => {
        this.clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', abandon);
        resolve();
      };
      const timer = this.setTimeout(wake, ms, purpose);
      signal?.addEventListener('abort', abandon, { once: true });
    });

  /** Rings every timer due within `ms`, letting promise chains settle between two. Returns how many rang. */
  advanceBy(ms: number): Promise<number> {
    return this.advanceTo(this.#now + ms);
  }

  /** As `advanceBy`, to an instant. `isOver` is asked after every timer; the advance then ends where it is. */
  async advanceTo(until: number, isOver: () => boolean = () => false): Promise<number> {
    const before = this.figures.rung;
    await this.#settled();
    while (!isOver()) {
      const timer = this.#next(until);
      if (timer === undefined) {
        this.#now = Math.max(this.#now, until);
        break;
      }
      this.#now = Math.max(this.#now, timer.due);
      this.figures.rung += 1;
      timer.fn();
      await this.#settled();
    }
    return this.figures.rung - before;
  }

  /** Time passes and nobody notices: what a process sees that was down meanwhile. */
  jumpBy(ms: number): void {
    this.#now += ms;
  }

  /** Timers that are armed. */
  get pending(): number {
    return this.#timers.pending + this.#looks.pending;
  }

  async #settled(): Promise<void> {
    if (this.isBusy === undefined) return settle();
    do {
      this.#turns += 1;
      await (this.#turns % turnsOfLoop === 0 || this.isBusy() ? settle() : tick());
    } while (this.isBusy());
  }

  /** The next timer that rings by `until`, taken out. */
  #next(until: number): VirtualTimer | undefined {
    for (;;) {
      const timer = this.#timers.peek();
      const look = this.#looks.peek();
      if (look === undefined || (timer !== undefined && isSooner(timer, look))) {
        if (timer === undefined || timer.due > until) return undefined;
        this.#timers.pop();
        return timer;
      }
      if (look.due > until) return undefined;
      this.#looks.pop();
      // Until the next timer nothing changes: looks that ring by then would have been found first.
      const due = this.#passedTo(look, Math.min(until, timer?.due ?? until));
      if (due <= look.due) return look;
      this.figures.passed += 1;
      look.due = due;
      this.#looks.push(look);
    }
  }

  /** The instant at which a look that is due comes up again; its own due time when it has to ring. */
  #passedTo(look: VirtualTimer, limit: number): number {
    const { purpose = '', periodMs, version, due, armedAt } = look;
    if (version !== undefined) {
      if (this.quiet?.versionOf(purpose) !== version) return due;
      const periods = Math.max(1, Math.ceil((limit - due) / periodMs));
      this.#passedAt.set(purpose, due + (periods - 1) * periodMs);
      return due + periods * periodMs;
    }
    const fedAt = this.#passedAt.get(this.quiet?.feederOf(purpose) ?? '') ?? armedAt;
    return fedAt > armedAt ? fedAt + periodMs : due;
  }
}

/** Of so many instants one lets the event loop go round: real timers and signals of the process wait no longer. */
const turnsOfLoop = 64;

/** Ticks come once the queue of microtasks is empty too, and cost a fraction of a round of the event loop. */
const tick = (): Promise<void> =>
  new Promise((resolve) => {
    process.nextTick(resolve);
  });

/** Lets every microtask chain finish: `setImmediate` runs only once the microtask queue is empty. */
export const settle = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
