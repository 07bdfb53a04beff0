/**
 * A fixed number of places, each taken by one request at a time. Free ones are a stack of indexes in an array:
 * taking and giving back allocate nothing, which a Map of open calls would do for each request.
 */
export class ConcurrencySlots {
  readonly #occupants: (string | null)[];
  readonly #free: Int32Array;
  #freeCount: number;
  constructor(count: number) {
    this.#occupants = Array.from({ length: count }, () => null);
    this.#free = Int32Array.from({ length: count }, (_, index) => count - 1 - index);
    this.#freeCount = count;
  }

  get inUse(): number {
    return this.#occupants.length - this.#freeCount;
  }

  /** The place's index, or −1 when all are taken. */
  take(occupant: string): number {
    if (this.#freeCount === 0) return -1;
    this.#freeCount -= 1;
    const slot = this.#free[this.#freeCount] ?? 0;
    this.#occupants[slot] = occupant;
    return slot;
  }

  /** Once for each `take`; a second time for the same place throws a RangeError, because it would admit one too many. */
  give(slot: number): void {
    if (typeof this.#occupants[slot] !== 'string') throw new RangeError(`slot ${slot} is not taken`);
    this.#occupants[slot] = null;
    this.#free[this.#freeCount] = slot;
    this.#freeCount += 1;
  }

  /** Taken places by occupant. */
  byOccupant(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const occupant of this.#occupants) {
      if (occupant !== null) counts[occupant] = (counts[occupant] ?? 0) + 1;
    }
    return counts;
  }
}
