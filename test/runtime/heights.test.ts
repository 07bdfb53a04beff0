import { describe, expect, it } from 'vitest';
import { nextReached } from '../../src/runtime/heights.ts';
import type { LiveRow } from '../../src/runtime/live-rows.ts';
import type { DeadlineRecord } from '../../src/runtime/store.ts';
import { blockHeight, unixMs } from '../../src/units.ts';

const deadline = (rowId: string, id: string, height: number): DeadlineRecord => ({
  rowId,
  id,
  height: blockHeight(height),
  ceilingAt: unixMs(0),
  event: { type: 'H' },
});
const next = (
  records: readonly DeadlineRecord[],
  height: number | null,
  refused = new WeakSet<DeadlineRecord>(),
) => {
  const rows = records.map((record) => ({ deadlines: new Map([[record.id, record]]) }) as unknown as LiveRow);
  const found = nextReached(rows, height === null ? undefined : blockHeight(height), refused);
  return found && `${found.rowId} ${found.id} ${found.height}`;
};

describe('the next deadline that a height reaches', () => {
  it('is the lowest that is due, in whatever order they stand', () => {
    const records = [deadline('a', 'x', 9), deadline('b', 'x', 7), deadline('c', 'x', 8)];
    expect(next(records, 10)).toBe('b x 7');
    expect(next(records, 7)).toBe('b x 7');
    expect(next(records, 6)).toBeUndefined();
    expect(next(records, null)).toBeUndefined();
  });

  it('of equals is the one of the first row by name, and of its own the first id', () => {
    const records = [
      deadline('b', 'y', 7),
      deadline('b', 'x', 7),
      deadline('a', 'z', 7),
      deadline('c', 'a', 7),
    ];
    expect(next(records, 7)).toBe('a z 7');
    expect(next(records.toReversed(), 7)).toBe('a z 7');
    expect(next(records.slice(0, 2), 7)).toBe('b x 7');
    expect(next(records.slice(0, 2).toReversed(), 7)).toBe('b x 7');
  });

  it('is none that was refused', () => {
    const first = deadline('a', 'x', 7);
    expect(next([first, deadline('b', 'x', 8)], 9, new WeakSet([first]))).toBe('b x 8');
  });
});
