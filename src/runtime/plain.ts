/**
 * A value as it will come back from the store: plain data. What a chart sees before a crash and after it must be the
 * same. Throws TypeError for what JSON cannot hold (a cycle, a bigint).
 */
export function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value) ?? 'null');
}
