import type { Clock } from '../../src/runtime/clock.ts';
import { unixMs, type UnixMs } from '../../src/units.ts';
import type { WorldClock } from '../../src/world/clock.ts';

interface VirtualTimer {
  readonly worldTimer: unknown;
  readonly due: number;
  readonly seq: number;
  readonly fn: () => void;
  isCancelled: boolean;
}

/** A discrete-event clock for daemon and world at once: time moves only in `advanceBy`, from due timer to due timer. */
export class VirtualClock implements Clock, WorldClock {
  #now: number;
  #seq = 0;
  readonly #heap: VirtualTimer[] = [];

  constructor(startAt = 0) {
    this.#now = startAt;
  }

  now = (): UnixMs => unixMs(this.#now);

  setTimeout = (fn: () => void, ms: number): VirtualTimer => {
    const due = this.#now + Math.max(0, ms);
    const timer = { worldTimer: fn, due, seq: this.#seq++, fn, isCancelled: false };
    this.#push(timer);
    return timer;
  };

  clearTimeout = (handle: unknown): void => {
    if (handle !== undefined) (handle as VirtualTimer).isCancelled = true;
  };

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const timer = this.setTimeout(resolve, ms);
      const abandon = (): void => {
        this.clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abandon, { once: true });
    });

  /** Fires every timer due within `ms`, letting promise chains settle between two. Returns how many fired. */
  async advanceBy(ms: number): Promise<number> {
    const until = this.#now + ms;
    let fired = 0;
    await settle();
    for (let top = this.#peek(); top !== undefined && top.due <= until; top = this.#peek()) {
      this.#pop();
      this.#now = top.due;
      top.fn();
      fired += 1;
      await settle();
    }
    this.#now = until;
    return fired;
  }

  /** Time passes and nobody notices: what a process sees that was down meanwhile. */
  jumpBy(ms: number): void {
    this.#now += ms;
  }

  /** Timers that are armed. */
  get pending(): number {
    return this.#heap.filter(({ isCancelled }) => !isCancelled).length;
  }

  #peek(): VirtualTimer | undefined {
    while (this.#heap[0]?.isCancelled === true) this.#pop();
    return this.#heap[0];
  }

  #push(timer: VirtualTimer): void {
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isSooner(heap[at]!, heap[parent]!)) return;
      swap(heap, at, parent);
      at = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      let soonest = at;
      for (const child of [left, left + 1]) {
        if (child < heap.length && isSooner(heap[child]!, heap[soonest]!)) soonest = child;
      }
      if (soonest === at) return;
      swap(heap, at, soonest);
      at = soonest;
    }
  }
}

/** Lets every microtask chain finish: `setImmediate` runs only once the microtask queue is empty. */
export const settle = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

const isSooner = (a: VirtualTimer, b: VirtualTimer): boolean =>
  a.due < b.due || (a.due === b.due && a.seq < b.seq);

function swap(heap: VirtualTimer[], a: number, b: number): void {
  const kept = heap[a]!;
  heap[a] = heap[b]!;
  heap[b] = kept;
}
