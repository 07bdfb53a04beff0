/** A row as an endpoint answers it: filters apply to what the caller sees, computed fields included. */
export type Row = Readonly<Record<string, unknown>>;

type Operator = (value: unknown, operand: unknown) => boolean;

/** Source: docs/reference/vast.md "Offer search", operators. A null field satisfies no comparison. */
const operators: Readonly<Record<string, Operator>> = {
  eq: (value, operand) => value === operand,
  neq: (value, operand) => value !== operand,
  gt: (value, operand) => ordered(value, operand, (sign) => sign > 0),
  gte: (value, operand) => ordered(value, operand, (sign) => sign >= 0),
  lt: (value, operand) => ordered(value, operand, (sign) => sign < 0),
  lte: (value, operand) => ordered(value, operand, (sign) => sign <= 0),
  in: (value, operand) => Array.isArray(operand) && operand.includes(value),
  notin: (value, operand) => Array.isArray(operand) && !operand.includes(value),
};

/** How one field of a query is looked up in a row. */
export type FieldValue = (row: Row, field: string) => unknown;

/** Raised for a query that the API refuses with 400. */
export class QueryError extends Error {}

/**
 * Whether a row satisfies `{field: {operator: operand}}`. What it returns throws QueryError for an operator that there
 * is not. `ignoring` names fields whose filters are not applied (a sloppy server).
 */
export function matcher(
  filters: Row,
  valueOf: FieldValue = (row, field) => row[field] ?? null,
  ignoring: (operator: string) => boolean = () => false,
): (row: Row) => boolean {
  const tests = Object.entries(filters).flatMap(([field, condition]) =>
    Object.entries(conditionOf(condition)).map(([name, operand]) => ({ field, name, operand })),
  );
  return (row) =>
    tests.every(({ field, name, operand }) => {
      const operator = operators[name];
      if (!operator) throw new QueryError(`invalid operator ${name} for ${field}`);
      return ignoring(name) || operator(valueOf(row, field), operand);
    });
}

/** Sorts a copy by `[["field","asc"|"desc"], …]`. Throws QueryError for another shape. */
export function sorted<T extends Row>(rows: readonly T[], order: unknown): T[] {
  if (order === undefined || order === null) return [...rows];
  if (!Array.isArray(order)) throw new QueryError('order must be a list');
  const keys = order.map((key: unknown): [string, number] => {
    if (!Array.isArray(key) || typeof key[0] !== 'string')
      throw new QueryError('order must be [field, direction] pairs');
    return [key[0], key[1] === 'desc' ? -1 : 1];
  });
  return [...rows].toSorted((a, b) => {
    for (const [field, direction] of keys) {
      const sign = compared(a[field], b[field]);
      if (sign !== undefined && sign !== 0) return sign * direction;
    }
    return 0;
  });
}

/** A bare value stands for `eq`. */
function conditionOf(condition: unknown): Row {
  return typeof condition === 'object' && condition !== null && !Array.isArray(condition)
    ? (condition as Row)
    : { eq: condition };
}

function ordered(value: unknown, operand: unknown, holds: (sign: number) => boolean): boolean {
  const sign = compared(value, operand);
  return sign !== undefined && holds(sign);
}

function compared(a: unknown, b: unknown): number | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  return undefined;
}
