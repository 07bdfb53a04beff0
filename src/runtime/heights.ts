import type { BlockHeight } from '../units.ts';
import type { LiveRow } from './live-rows.ts';
import type { DeadlineRecord } from './store.ts';

/**
 * The lowest deadline that `height` reaches; of equals, the one of the first row and id by name, so that a restart
 * changes no order. Undefined when none is due, or no height is known yet.
 */
export function nextReached(
  rows: Iterable<LiveRow>,
  height: BlockHeight | undefined,
  refused: WeakSet<DeadlineRecord>,
): DeadlineRecord | undefined {
  if (height === undefined) return undefined;
  let next: DeadlineRecord | undefined;
  for (const { deadlines } of rows) {
    for (const record of deadlines.values()) {
      if (record.height > height || refused.has(record)) continue;
      if (next === undefined || isBefore(record, next)) next = record;
    }
  }
  return next;
}

function isBefore(a: DeadlineRecord, b: DeadlineRecord): boolean {
  if (a.height !== b.height) return a.height < b.height;
  return a.rowId === b.rowId ? a.id < b.id : a.rowId < b.rowId;
}
