import type { InferenceUsage } from '../../server/inference/desk.ts';

interface Totals {
  readonly backEnd: string;
  promptTokens: number;
  completionTokens: number;
}

/** Tokens that each back end stated since the process began. */
export class TokenTotals {
  readonly #totals = new Map<string, Totals>();

  /** `names`: every back end, so that each counts from zero. */
  constructor(names: readonly string[]) {
    for (const backEnd of names) this.#totals.set(backEnd, { backEnd, promptTokens: 0, completionTokens: 0 });
  }

  add({ upstream, promptTokens, completionTokens }: InferenceUsage): void {
    const totals = this.#totals.get(upstream);
    if (totals === undefined) return;
    totals.promptTokens += promptTokens ?? 0;
    totals.completionTokens += completionTokens ?? 0;
  }

  all(): readonly Readonly<Totals>[] {
    return [...this.#totals.values()];
  }
}
