import type { UsageRow } from '../../runtime/usage-ledger.ts';
import { microUsd, type MicroUsd } from '../../units.ts';
import { UsageSums } from './usage-sums.ts';

const dayMs = 86_400_000;

/** UTC days since 1970-01-01. */
export const utcDay = (atMs: number): number => Math.floor(atMs / dayMs);
/** Milliseconds until the next UTC day. */
export const leftOfDayMs = (atMs: number): number => dayMs - (atMs % dayMs);

/** What inference has used in one UTC day, with the totals that caps are held against. */
export class UsageDay {
  readonly day: number;
  readonly #sums = new UsageSums();
  readonly #tokens = new Map<string, number>();
  #spent = 0;

  /** `rows`: what the day has had already. */
  constructor(day: number, rows: readonly UsageRow[]) {
    this.day = day;
    for (const row of rows) this.add(row);
  }

  add(row: UsageRow): void {
    this.#sums.add(row);
    this.#spent += row.cost + row.assumedCost;
    const tokens = row.promptTokens + row.completionTokens + row.assumedTokens;
    this.#tokens.set(row.caller, this.tokens(row.caller) + tokens);
  }

  /** Of everybody, assumed cost included. */
  get spent(): MicroUsd {
    return microUsd(this.#spent);
  }

  tokens(caller: string): number {
    return this.#tokens.get(caller) ?? 0;
  }

  /** For the inspection: plain JSON. Where no cost is known it is null, never 0. */
  view(): Readonly<Record<string, unknown>> {
    const rows = this.#sums.rows();
    return {
      day: new Date(this.day * dayMs).toISOString().slice(0, 10),
      spentTodayMicroUsd: this.spent,
      ofThatAssumedMicroUsd: rows.reduce((sum, { assumedCost }) => sum + assumedCost, 0),
      requestsOfUnknownCost: rows.reduce((sum, { unknownCost }) => sum + unknownCost, 0),
      usage: rows.map(rowView),
    };
  }
}

const rowView = (row: UsageRow): Readonly<Record<string, unknown>> => ({
  caller: row.caller,
  backEnd: row.backEnd,
  model: row.model,
  requests: row.requests,
  failed: row.failed,
  promptTokens: row.promptTokens,
  completionTokens: row.completionTokens,
  assumedTokens: row.assumedTokens,
  costMicroUsd: row.unknownCost === row.requests ? null : row.cost,
  requestsOfUnknownCost: row.unknownCost,
  assumedMicroUsd: row.assumedCost,
});
