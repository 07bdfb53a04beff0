import { z } from 'zod';

/** A number as Vast.ai states them: a float where an integer is due, a string, null, or not at all. */
export const wireNumber = z
  .unknown()
  .transform((value): number | null => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : null;
  })
  .default(null);

/** An id: an integer, whatever its spelling; null otherwise. */
export const wireId = wireNumber.transform((value) =>
  value !== null && Number.isSafeInteger(value) ? value : null,
);

/** A text, or null for anything else. */
export const wireText = z
  .unknown()
  .transform((value): string | null => (typeof value === 'string' ? value : null))
  .default(null);
