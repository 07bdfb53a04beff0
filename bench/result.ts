import type { Comparison } from './alternation.ts';
import type { Spread } from './statistics.ts';

/** One line of the table. */
export interface Row {
  readonly title: string;
  readonly unit: string;
  readonly gateway: Spread;
  readonly nginx?: Spread;
  readonly against?: { readonly kind: 'ratio' | 'difference'; readonly spread: Spread };
  /** Name in the JSON line; its value is `against` where there is one, else the gateway's own. */
  readonly figure?: string;
}

/** What one case found. */
export interface CaseResult {
  readonly name: string;
  readonly rows: readonly Row[];
  /** Answers that were not 200 with exactly the expected bytes. */
  readonly failed: { readonly gateway: number; readonly nginx: number };
}

export const figureOf = (row: Row): Spread => row.against?.spread ?? row.gateway;

/** A row of both, and how the gateway stands to nginx when a `kind` is given. */
export function comparisonRow(
  title: string,
  unit: string,
  { gateway, nginx, ...comparison }: Comparison,
  kind?: 'ratio' | 'difference',
  figure?: string,
): Row {
  const both = { title, unit, gateway, nginx, ...(figure === undefined ? {} : { figure }) };
  return kind === undefined ? both : { ...both, against: { kind, spread: comparison[kind] } };
}
