/** One armed timer of a virtual clock; its handle as well. */
export interface VirtualTimer {
  /** The form in which the world's clock hands timers out. */
  worldTimer: unknown;
  fn: () => void;
  /** Breaks ties: what was armed first rings first. */
  readonly seq: number;
  readonly armedAt: number;
  readonly periodMs: number;
  readonly purpose: string | undefined;
  /** Of the look's answer when it was armed. */
  readonly version: number | undefined;
  due: number;
  isCancelled: boolean;
}

const nothing = (): void => {};

/** A cancelled timer stays in its heap until it is due, which may be days away; what it would have done goes at once. */
export function cancel(timer: VirtualTimer): void {
  timer.isCancelled = true;
  timer.fn = nothing;
  timer.worldTimer = undefined;
}

/** So many may be in a heap before cancelled ones are looked for. */
const sweptAt = 256;

/** Timers by due time, then by the order of arming. */
export class TimerHeap {
  #heap: VirtualTimer[] = [];
  #sweptAt = sweptAt;

  /** The next one, cancelled ones left out. */
  peek(): VirtualTimer | undefined {
    while (this.#heap[0]?.isCancelled === true) this.pop();
    return this.#heap[0];
  }

  /** Timers that are armed. */
  get pending(): number {
    return this.#heap.filter(({ isCancelled }) => !isCancelled).length;
  }

  push(timer: VirtualTimer): void {
    if (this.#heap.length >= this.#sweptAt) this.#sweep();
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isSooner(heap[at]!, heap[parent]!)) return;
      swap(heap, at, parent);
      at = parent;
    }
  }

  /** An array in order is a heap. */
  #sweep(): void {
    this.#heap = this.#heap
      .filter(({ isCancelled }) => !isCancelled)
      .toSorted((a, b) => (isSooner(a, b) ? -1 : 1));
    this.#sweptAt = Math.max(sweptAt, 2 * this.#heap.length);
  }

  pop(): void {
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

export const isSooner = (a: VirtualTimer, b: VirtualTimer): boolean =>
  a.due < b.due || (a.due === b.due && a.seq < b.seq);

function swap(heap: VirtualTimer[], a: number, b: number): void {
  const kept = heap[a]!;
  heap[a] = heap[b]!;
  heap[b] = kept;
}
