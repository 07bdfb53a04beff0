import { hash } from 'node:crypto';

/**
 * What both ends of a callback write into their books, so that they can be compared afterwards: SHA-256 (hex) of the
 * body as JSON with sorted keys and without `node_id`, the one field that the relay restores on the way. A body that
 * is no JSON object is hashed as it is.
 */
export function callbackHash(body: string): string {
  // Who sends it and who takes it mostly ask for the same one shortly after each other.
  if (last?.body !== body) last = { body, hash: hash('sha256', canonicalBody(body), 'hex') };
  return last.hash;
}

let last: { readonly body: string; readonly hash: string } | undefined;

function canonicalBody(body: string): string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return body;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return body;
  const { node_id: _, ...rest } = value as Record<string, unknown>;
  return JSON.stringify(sorted(rest));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Record<string, unknown>;
  const keys = Object.keys(fields).toSorted();
  return Object.fromEntries(keys.map((key) => [key, sorted(fields[key])]));
}
