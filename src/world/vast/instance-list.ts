import { json, type WorldResponse } from '../exchange.ts';
import { invalidArgs } from './answers.ts';
import { computedColumns } from './instance-row.ts';
import { matcher, QueryError, sorted, type Row } from './offer-query.ts';

const pageSize = 25;

/**
 * One page of `GET /api/v1/instances/`: at most 25 rows whatever `limit` says, stored columns only as filters, an
 * opaque token for the rest. Source: docs/reference/vast.md "Show and list".
 */
export function instancePage(rows: readonly Row[], query: URLSearchParams): WorldResponse {
  try {
    const found = sorted(
      rows.filter(matcher(storedOnly(parsed(query, 'select_filters') ?? {}))),
      orderOf(parsed(query, 'order_by')),
    );
    const from = offsetOf(query.get('after_token'), found.length);
    const limit = limitOf(query.get('limit'));
    const page = found.slice(from, from + limit);
    const next = from + page.length;
    return json(200, {
      success: true,
      instances_found: found.length,
      total_instances: found.length,
      label_counts: labelCounts(found),
      next_token: next < found.length ? tokenOf(next) : null,
      instances: page.map((row) => selected(row, parsed(query, 'select_cols'))),
    });
  } catch (error) {
    if (error instanceof QueryError) return invalidArgs(error.message);
    throw error;
  }
}

function limitOf(sent: string | null): number {
  const limit = sent === null ? pageSize : Number(sent);
  if (!Number.isInteger(limit)) throw new QueryError('limit must be an integer');
  return limit <= 0 ? 5 : Math.min(pageSize, limit);
}

function storedOnly(filters: unknown): Row {
  if (typeof filters !== 'object' || filters === null || Array.isArray(filters))
    throw new QueryError('select_filters');
  for (const column of Object.keys(filters)) {
    if (computedColumns.has(column)) throw new QueryError(`cannot filter on computed column ${column}`);
  }
  return filters as Row;
}

/** `[{"col":"id","dir":"asc"}]` as pairs; by id when nothing is asked. */
function orderOf(order: unknown): unknown {
  if (order === undefined) return [['id', 'asc']];
  if (!Array.isArray(order)) throw new QueryError('order_by must be a list');
  return order.map((key: unknown) => {
    const { col, dir } = key as { col?: unknown; dir?: unknown };
    return [col, dir];
  });
}

function selected(row: Row, columns: unknown): Row {
  if (!Array.isArray(columns)) return row;
  return Object.fromEntries(columns.map((column: unknown) => [String(column), row[String(column)] ?? null]));
}

function labelCounts(rows: readonly Row[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows) {
    const label = typeof row['label'] === 'string' ? row['label'] : '';
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts;
}

function parsed(query: URLSearchParams, name: string): unknown {
  const text = query.get(name);
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new QueryError(`${name} is no JSON`);
  }
}

const tokenOf = (offset: number): string => Buffer.from(`o${offset}`).toString('base64url');

function offsetOf(token: string | null, rowCount: number): number {
  if (token === null) return 0;
  const match = /^o(\d+)$/.exec(Buffer.from(token, 'base64url').toString());
  const offset = Number(match?.[1] ?? Number.NaN);
  if (!(offset <= rowCount)) throw new QueryError('invalid after_token');
  return offset;
}
