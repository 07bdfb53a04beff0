import type { UsageRow } from '../runtime/usage-ledger.ts';
import { microUsd } from '../units.ts';

/** Settings name callers, back ends and models, so there are few; beyond this many rows nothing is told apart any more. */
const rowsMax = 10_000;
const folded = '(others)';

/** Usage added up by day, caller, back end and model, in memory. Bounded. */
export class UsageSums {
  readonly #rows = new Map<string, UsageRow>();

  get size(): number {
    return this.#rows.size;
  }

  add(row: UsageRow): void {
    const key = `${row.day} ${row.caller} ${row.backEnd} ${row.model}`;
    const before = this.#rows.get(key);
    if (before !== undefined) this.#rows.set(key, sum(before, row));
    else if (this.#rows.size < rowsMax || row.caller === folded) this.#rows.set(key, row);
    else this.add({ ...row, caller: folded, backEnd: folded, model: folded });
  }

  rows(): readonly UsageRow[] {
    return [...this.#rows.values()];
  }

  clear(): void {
    this.#rows.clear();
  }
}

const sum = (a: UsageRow, b: UsageRow): UsageRow => ({
  day: a.day,
  caller: a.caller,
  backEnd: a.backEnd,
  model: a.model,
  requests: a.requests + b.requests,
  failed: a.failed + b.failed,
  promptTokens: a.promptTokens + b.promptTokens,
  completionTokens: a.completionTokens + b.completionTokens,
  cost: microUsd(a.cost + b.cost),
  unknownCost: a.unknownCost + b.unknownCost,
  assumedTokens: a.assumedTokens + b.assumedTokens,
  assumedCost: microUsd(a.assumedCost + b.assumedCost),
});
