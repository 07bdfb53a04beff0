import type { WorldOutcome, WorldRequest } from './exchange.ts';

/**
 * A fault that a neighbour can show. Every fault is one that the references name; the catalogue of each neighbour
 * lists them with a sentence, and the sandbox switches them through its control endpoint.
 */
export interface FaultDescription {
  readonly name: string;
  readonly sentence: string;
}

/** Switched faults of one neighbour: name → parameter (a count of times left, a probability, a duration: see the sentence). */
export class FaultBoard {
  readonly descriptions: readonly FaultDescription[];
  readonly #active = new Map<string, number>();
  constructor(descriptions: readonly FaultDescription[]) {
    this.descriptions = descriptions;
  }
  /** Throws a RangeError for a name that the catalogue lacks, so that a test cannot switch a fault that is not there. */
  set(name: string, value: number): void {
    if (!this.descriptions.some((fault) => fault.name === name)) throw new RangeError(`no fault "${name}"`);
    if (value === 0) this.#active.delete(name);
    else this.#active.set(name, value);
  }
  get(name: string): number {
    return this.#active.get(name) ?? 0;
  }
  /** Whether one that `counts` is switched on. */
  isAny(counts: (name: string) => boolean): boolean {
    for (const [name, value] of this.#active) if (value > 0 && counts(name)) return true;
    return false;
  }
  /** True `value` times after `set(name, value)`, then false. */
  take(name: string): boolean {
    const left = this.get(name);
    if (left <= 0) return false;
    this.set(name, left - 1);
    return true;
  }
}

/** What every neighbour offers beside its own API. */
export interface Neighbour {
  /** Serves one request of the neighbour's public API. */
  handle(request: WorldRequest): Promise<WorldOutcome>;
  readonly faults: FaultBoard;
  /** Its own account of what happened, as plain JSON: the only source of published figures. */
  books(): Record<string, unknown>;
  /** Stops timers. */
  close(): void;
}
