/** Something that is due once a turn. */
export interface Turner {
  /** False when it wants no further turn. */
  turn(): boolean;
}

/** Slots of 20 µs: 500 streams with 10 ms between two events are due one by one. */
const slotsPerMs = 50;

/** What drives a wheel; tests bring their own. */
export interface WheelDrive {
  /** Milliseconds, with fractions. */
  readonly now: () => number;
  /** Calls back soon, after input and output had their turn. */
  readonly soon: (callback: () => void) => void;
}

const spinning: WheelDrive = {
  now: () => performance.now(),
  soon: (callback) => void setImmediate(callback),
};

/**
 * Gives each member one turn every `turnMs` milliseconds, at the instants that its start set. Streams of a real back
 * end know nothing of each other; timers of 1 ms would make their events come in bunches, of which a proxy passes
 * many for one wake-up. So the wheel spins while it has members, which costs the load generator's core, not the other.
 * A wheel that is late skips turns and never gives two at once.
 */
export class EventWheel {
  readonly #slots: Turner[][];
  readonly #drive: WheelDrive;
  /** The last slot that was turned, counted from the clock's zero. */
  #done = 0;
  #size = 0;

  constructor(turnMs: number, drive: WheelDrive = spinning) {
    this.#slots = Array.from({ length: turnMs * slotsPerMs }, () => []);
    this.#drive = drive;
  }

  get size(): number {
    return this.#size;
  }

  /** The first turn comes after `turnMs`. Whoever is due by now has its turn first. */
  add(member: Turner): void {
    if (this.#size === 0) {
      this.#done = this.#nowSlot();
      this.#drive.soon(this.#spin);
    } else this.#catchUp();
    this.#slots[this.#done % this.#slots.length]?.push(member);
    this.#size += 1;
  }

  /** Forgets all members. */
  stop(): void {
    for (const slot of this.#slots) slot.length = 0;
    this.#size = 0;
  }

  readonly #spin = (): void => {
    this.#catchUp();
    if (this.#size > 0) this.#drive.soon(this.#spin);
  };

  #catchUp(): void {
    const nowSlot = this.#nowSlot();
    const first = Math.max(this.#done + 1, nowSlot - this.#slots.length + 1);
    this.#done = nowSlot;
    for (let slot = first; slot <= nowSlot; slot += 1)
      this.#turnSlot(this.#slots[slot % this.#slots.length] ?? []);
  }

  #nowSlot(): number {
    return Math.floor(this.#drive.now() * slotsPerMs);
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
