import { z } from 'zod';

/** A number as Vast.ai states them: a float where an integer is due, a string, null, or not at all. */
export const numberOf = (value: unknown): number | null => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
};

/** An id: an integer, whatever its spelling; null otherwise. */
export const idOf = (value: unknown): number | null => {
  const number = numberOf(value);
  return number !== null && Number.isSafeInteger(number) ? number : null;
};

/** A text, or null for anything else. */
export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** `numberOf` and `textOf` as parts of a schema. */
export const wireNumber = z.unknown().transform(numberOf).default(null);
export const wireText = z.unknown().transform(textOf).default(null);

/**
 * The fields of one row, to be read one by one with the functions above; undefined for what is none. Every one of them
 * takes anything, and a schema of two dozen such fields costs many times what they do.
 */
export const rowOf = (row: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof row === 'object' && row !== null && !Array.isArray(row)
    ? (row as Record<string, unknown>)
    : undefined;
