import type { DatabaseSync } from 'node:sqlite';
import type { Fault } from '../errors.ts';
import type { UnixMs } from '../units.ts';
import type { RowEvent } from './interface.ts';
import type { InboxTable, ParkedTable } from './store.ts';

const parkedLimit = 1000;

/** Table `inbox`: what rows told each other and the reader has not taken yet. */
export function sqliteInbox(database: DatabaseSync): InboxTable {
  const put = database.prepare('INSERT INTO inbox (from_row, to_row, event) VALUES (?, ?, ?)');
  const drop = database.prepare('DELETE FROM inbox WHERE id = ?');
  const all = database.prepare('SELECT id, from_row, to_row, event FROM inbox ORDER BY id');
  const count = database.prepare('SELECT count(*) AS n FROM inbox WHERE to_row = ?');
  return {
    put: (message) => {
      const added = put.run(message.from, message.to, JSON.stringify(message.event));
      return { id: Number(added.lastInsertRowid), ...message };
    },
    drop: (id) => {
      drop.run(id);
    },
    all: () =>
      all.all().map((row) => ({
        id: row['id'] as number,
        from: row['from_row'] as string,
        to: row['to_row'] as string,
        event: JSON.parse(row['event'] as string) as RowEvent,
      })),
    count: (to) => count.get(to)?.['n'] as number,
  };
}

/** Table `parked`: events that a chart could not take. */
export function sqliteParked(database: DatabaseSync): ParkedTable {
  const put = database.prepare('INSERT INTO parked (row_id, chart, at, event, fault) VALUES (?, ?, ?, ?, ?)');
  const forget = database.prepare('DELETE FROM parked WHERE id <= ?');
  const newest = database.prepare(
    'SELECT row_id, chart, at, event, fault FROM parked ORDER BY id DESC LIMIT ?',
  );
  return {
    put: ({ rowId, chart, at, event, fault }) => {
      const added = put.run(rowId, chart, Math.round(at), JSON.stringify(event), JSON.stringify(fault));
      forget.run(Number(added.lastInsertRowid) - parkedLimit);
    },
    newest: (limit) =>
      newest.all(limit).map((row) => ({
        rowId: row['row_id'] as string,
        chart: row['chart'] as string,
        at: row['at'] as UnixMs,
        event: JSON.parse(row['event'] as string) as RowEvent,
        fault: JSON.parse(row['fault'] as string) as Fault,
      })),
  };
}
