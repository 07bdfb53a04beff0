/** The invariants that a simulation checks, by their numbers in docs/architecture.md; `chart` = a chart threw. */
export type Invariant = 'I1' | 'I2' | 'I4' | 'I5' | 'I6' | 'I8' | 'I9' | 'I10' | 'chart';

export interface Violation {
  readonly invariant: Invariant;
  readonly sentence: string;
  /** World time. */
  readonly atMs: number;
  /** Global `seq` of the last journal line before it. */
  readonly step: number;
}

/** Collects what must not happen. */
export class Violations {
  readonly all: Violation[] = [];
  readonly #now: () => number;
  /** `seq` of the newest journal line. */
  step = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  report(invariant: Invariant, sentence: string): void {
    this.all.push({ invariant, sentence, atMs: this.#now(), step: this.step });
  }

  get first(): Violation | undefined {
    return this.all[0];
  }
}
