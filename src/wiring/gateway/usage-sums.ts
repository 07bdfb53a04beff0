import type { UsageRow } from '../../runtime/usage-ledger.ts';
import { microUsd } from '../../units.ts';

/** Settings name callers, back ends and models, so there are few; beyond this many rows nothing is told apart any more. */
const rowsMax = 10_000;
const folded = '(others)';

type Sum = { -readonly [Field in keyof UsageRow]: UsageRow[Field] };

/** Usage added up by day, caller, back end and model, in memory. Bounded. */
export class UsageSums {
  readonly #rows = new Map<string, Sum>();
  /** The row that was added to last: mostly the next one's too, and then no key has to be built. */
  #latest: Sum | undefined;

  get size(): number {
    return this.#rows.size;
  }

  add(row: UsageRow): void {
    const sum = this.#latest !== undefined && isSameKind(this.#latest, row) ? this.#latest : this.#of(row);
    if (sum === undefined) this.add({ ...row, caller: folded, backEnd: folded, model: folded });
    else addTo(sum, row);
  }

  rows(): readonly UsageRow[] {
    return Array.from(this.#rows.values(), (row) => ({ ...row }));
  }

  clear(): void {
    this.#rows.clear();
    this.#latest = undefined;
  }

  /** Undefined when there is no room for a row of its own. */
  #of(row: UsageRow): Sum | undefined {
    const key = `${row.day} ${row.caller} ${row.backEnd} ${row.model}`;
    let sum = this.#rows.get(key);
    if (sum === undefined) {
      if (this.#rows.size >= rowsMax && row.caller !== folded) return undefined;
      sum = { ...row, ...nothingYet };
      this.#rows.set(key, sum);
    }
    this.#latest = sum;
    return sum;
  }
}

const nothingYet = {
  requests: 0,
  failed: 0,
  promptTokens: 0,
  completionTokens: 0,
  cost: microUsd(0),
  unknownCost: 0,
  assumedTokens: 0,
  assumedCost: microUsd(0),
} as const;

const isSameKind = (a: UsageRow, b: UsageRow): boolean =>
  a.day === b.day && a.caller === b.caller && a.backEnd === b.backEnd && a.model === b.model;

function addTo(sum: Sum, row: UsageRow): void {
  sum.requests += row.requests;
  sum.failed += row.failed;
  sum.promptTokens += row.promptTokens;
  sum.completionTokens += row.completionTokens;
  sum.cost = microUsd(sum.cost + row.cost);
  sum.unknownCost += row.unknownCost;
  sum.assumedTokens += row.assumedTokens;
  sum.assumedCost = microUsd(sum.assumedCost + row.assumedCost);
}
