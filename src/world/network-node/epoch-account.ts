import type { PocBook } from './poc-book.ts';

/** How one confirmation PoC came out; `skipped` = the participant was not in the active set any more. */
export type ConfirmationVerdict = 'open' | 'served' | 'missed' | 'preserved' | 'skipped';

interface Confirmation {
  readonly book: PocBook;
  verdict: ConfirmationVerdict;
  /** Measured over expected weight, with the tolerance; null while open, and when nothing was due. */
  ratio: number | null;
}

/** A confirmed weight of this share of the expected one counts as all of it. */
const tolerance = 0.909;

/** One epoch of the participant: the weight of its regular PoC, and what confirmation PoCs left of it. */
export class EpochAccount {
  readonly regular: PocBook;
  readonly #alpha: number;
  readonly #confirmations: Confirmation[] = [];
  /** Weight of nodes that were preserved in the regular PoC, carried over. */
  readonly #carriedWeight: number;
  #confirmedWeight = Number.POSITIVE_INFINITY;

  constructor(regular: PocBook, carriedWeight: number, alpha: number) {
    this.regular = regular;
    this.#carriedWeight = carriedWeight;
    this.#alpha = alpha;
  }

  get weight(): number {
    const { verdict, nonces } = this.regular;
    if (verdict === 'open' || verdict === 'missed') return 0;
    return nonces.weight + this.#carriedWeight;
  }

  /** Failed a confirmation PoC: out until the epoch ends. */
  get isInactive(): boolean {
    return this.#confirmations.some(({ verdict }) => verdict === 'missed');
  }

  /** Gets commands of confirmation PoCs. */
  get isActive(): boolean {
    return this.weight > 0 && !this.isInactive;
  }

  get isUnrewarded(): boolean {
    return this.regular.verdict === 'missed' || this.isInactive;
  }

  /** Share of the epoch's reward that is left, by the smallest confirmed weight. */
  get rewardShare(): number {
    if (this.isUnrewarded || this.weight === 0) return 0;
    return Math.min(1, this.#confirmedWeight / this.weight);
  }

  open(book: PocBook): void {
    this.#confirmations.push({ book, verdict: this.isActive ? 'open' : 'skipped', ratio: null });
  }

  confirmations(): readonly PocBook[] {
    return this.#confirmations.map(({ book }) => book);
  }

  verdicts(): readonly ConfirmationVerdict[] {
    return this.#confirmations.map(({ verdict }) => verdict);
  }

  /** A confirmation PoC is over: `expected` weight was to be shown again by nodes that are not preserved. */
  judge(book: PocBook, expected: number, preserved: number): void {
    const entry = this.#confirmations.find((candidate) => candidate.book === book);
    if (entry === undefined || entry.verdict !== 'open') return;
    if (expected === 0) {
      entry.verdict = 'preserved';
      return;
    }
    const measured = book.objection === undefined ? book.nonces.weight : 0;
    entry.ratio = Math.min(1, measured / expected / tolerance);
    entry.verdict = entry.ratio < this.#alpha ? 'missed' : 'served';
    this.#confirmedWeight = Math.min(this.#confirmedWeight, preserved + measured);
  }

  toJSON(): Record<string, unknown> {
    const { regular } = this;
    return {
      ...regular.toJSON(),
      verdict: regular.verdict,
      weight: this.weight,
      isUnrewarded: this.isUnrewarded,
      rewardShare: regular.verdict === 'open' ? null : this.rewardShare,
    };
  }

  confirmationRows(): Record<string, unknown>[] {
    return this.#confirmations.map(({ book, verdict, ratio }) => ({
      ...book.toJSON(),
      sequence: book.span.sequence,
      triggerHeight: book.span.stageHeight,
      verdict,
      isDue: verdict === 'open' || verdict === 'served' || verdict === 'missed',
      ratio,
    }));
  }
}
