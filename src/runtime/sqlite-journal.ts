import type { DatabaseSync } from 'node:sqlite';
import type { UnixMs } from '../units.ts';
import type { RowEvent } from './interface.ts';
import type { JournalTable } from './store.ts';

/** Old lines go in lots of this many. */
const lotLines = 256;

/** Table `journal`: every event that a row took, in one global order; with `maxLines`, the newest (and at most a lot more). */
export function sqliteJournal(database: DatabaseSync, maxLines = Infinity): JournalTable {
  const forget = database.prepare('DELETE FROM journal WHERE seq <= ?');
  const append = database.prepare(
    'INSERT INTO journal (row_id, chart, at, event, value) VALUES (?, ?, ?, ?, ?)',
  );
  const since = database.prepare(
    'SELECT seq, row_id, chart, at, event, value FROM journal WHERE seq > ? ORDER BY seq LIMIT ?',
  );
  return {
    append: ({ rowId, chart, at, event, value }) => {
      const added = append.run(
        rowId,
        chart,
        Math.round(at),
        JSON.stringify(event),
        JSON.stringify(value ?? null),
      );
      const seq = Number(added.lastInsertRowid);
      if (seq % lotLines === 0 && seq > maxLines) forget.run(seq - maxLines);
      return seq;
    },
    since: (seq, limit) =>
      since.all(seq, limit).map((row) => ({
        seq: row['seq'] as number,
        rowId: row['row_id'] as string,
        chart: row['chart'] as string,
        at: row['at'] as UnixMs,
        event: JSON.parse(row['event'] as string) as RowEvent,
        value: JSON.parse(row['value'] as string) as unknown,
      })),
  };
}
