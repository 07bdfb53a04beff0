/**
 * A value as it will come back from the store: plain data. What a chart sees before a crash and after it must be the
 * same. Throws TypeError for what JSON cannot hold (a cycle, a bigint).
 */
export function plain(value: unknown): unknown {
  // Most results are texts, truth values or nothing.
  if (value === undefined || value === null || typeof value === 'string' || typeof value === 'boolean')
    return value;
  return JSON.parse(JSON.stringify(value) ?? 'null');
}
