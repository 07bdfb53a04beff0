import type { DatabaseSync } from 'node:sqlite';
import type { BlockHeight, UnixMs } from '../units.ts';
import type { RowEvent } from './interface.ts';
import type { DeadlineTable, IntentTable, TimerTable } from './store.ts';

/** Table `intent`: invokes that wait for their outcome. */
export function sqliteIntents(database: DatabaseSync): IntentTable {
  const put = database.prepare(
    'INSERT INTO intent (id, row_id, actor_id, src, input, opened_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const drop = database.prepare('DELETE FROM intent WHERE id = ?');
  const all = database.prepare('SELECT id, row_id, actor_id, src, input FROM intent ORDER BY rowid');
  return {
    put: ({ id, rowId, actorId, src, input }, openedAt) => {
      const text = input === undefined ? null : JSON.stringify(input);
      put.run(id, rowId, actorId, src, text, Math.round(openedAt));
    },
    drop: (id) => {
      drop.run(id);
    },
    all: () =>
      all.all().map((row) => ({
        id: row['id'] as string,
        rowId: row['row_id'] as string,
        actorId: row['actor_id'] as string,
        src: row['src'] as string,
        input: row['input'] === null ? undefined : JSON.parse(row['input'] as string),
      })),
  };
}

/** Table `timer`: absolute deadlines by the wall. A replaced one gets a new seq, as one armed anew. */
export function sqliteTimers(database: DatabaseSync): TimerTable {
  const put = database.prepare(
    'INSERT OR REPLACE INTO timer (row_id, id, due_at, event) VALUES (?, ?, ?, ?)',
  );
  const drop = database.prepare('DELETE FROM timer WHERE row_id = ? AND id = ?');
  const all = database.prepare('SELECT row_id, id, due_at, event FROM timer ORDER BY due_at, seq');
  return {
    put: ({ rowId, id, dueAt, event }) => {
      put.run(rowId, id, dueAt, JSON.stringify(event));
    },
    drop: (rowId, id) => {
      drop.run(rowId, id);
    },
    all: () =>
      all.all().map((row) => ({
        rowId: row['row_id'] as string,
        id: row['id'] as string,
        dueAt: row['due_at'] as UnixMs,
        event: JSON.parse(row['event'] as string) as RowEvent,
      })),
  };
}

/** Table `deadline`: heights, each with its ceiling by the wall. */
export function sqliteDeadlines(database: DatabaseSync): DeadlineTable {
  const put = database.prepare(
    'INSERT OR REPLACE INTO deadline (row_id, id, height, ceiling_at, event) VALUES (?, ?, ?, ?, ?)',
  );
  const drop = database.prepare('DELETE FROM deadline WHERE row_id = ? AND id = ?');
  const all = database.prepare('SELECT row_id, id, height, ceiling_at, event FROM deadline ORDER BY seq');
  return {
    put: ({ rowId, id, height, ceilingAt, event }) => {
      put.run(rowId, id, height, ceilingAt, JSON.stringify(event));
    },
    drop: (rowId, id) => {
      drop.run(rowId, id);
    },
    all: () =>
      all.all().map((row) => ({
        rowId: row['row_id'] as string,
        id: row['id'] as string,
        height: row['height'] as BlockHeight,
        ceilingAt: row['ceiling_at'] as UnixMs,
        event: JSON.parse(row['event'] as string) as RowEvent,
      })),
  };
}
