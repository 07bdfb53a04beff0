/** Something that is due once a turn. */
export interface Turner {
  /** False when it wants no further turn. */
  turn(): boolean;
}

/**
 * Gives each member one turn every `turnMs` milliseconds with a single timer of 1 ms: the members of a slot are due
 * in the same millisecond. A wheel that is late skips turns and never gives two at once, so that events are not sent
 * in one piece.
 */
export class EventWheel {
  readonly #slots: Turner[][];
  #doneMs = 0;
  #size = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(turnMs: number) {
    this.#slots = Array.from({ length: turnMs }, () => []);
  }

  get size(): number {
    return this.#size;
  }

  /** The first turn comes after `turnMs`; the slot that was run last is the one that is due then. */
  add(member: Turner): void {
    if (this.#timer === undefined) {
      this.#doneMs = Math.floor(performance.now());
      this.#timer = setInterval(() => this.#run(), 1);
    }
    this.#slots[this.#doneMs % this.#slots.length]?.push(member);
    this.#size += 1;
  }

  /** Forgets all members. */
  stop(): void {
    for (const slot of this.#slots) slot.length = 0;
    this.#size = 0;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #run(): void {
    const nowMs = Math.floor(performance.now());
    const first = Math.max(this.#doneMs + 1, nowMs - this.#slots.length + 1);
    for (let ms = first; ms <= nowMs; ms += 1) this.#turnSlot(this.#slots[ms % this.#slots.length] ?? []);
    this.#doneMs = nowMs;
    if (this.#size === 0) this.stop();
  }

  /** Members that stay move to the front; no array is made. */
  #turnSlot(slot: Turner[]): void {
    let kept = 0;
    for (const member of slot) {
      if (!member.turn()) continue;
      slot[kept] = member;
      kept += 1;
    }
    this.#size -= slot.length - kept;
    slot.length = kept;
  }
}
