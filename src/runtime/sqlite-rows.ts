import type { DatabaseSync } from 'node:sqlite';
import type { UnixMs } from '../units.ts';
import type { RowRecord, RowTable } from './store.ts';

const columns = 'id, chart, version, row_seq, status, snapshot, updated_at';

/** Table `row`: one snapshot a row. */
export function sqliteRows(database: DatabaseSync): RowTable {
  const put = database.prepare(
    `INSERT INTO row (id, chart, version, row_seq, status, snapshot, opened_at, updated_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
     ON CONFLICT (id) DO UPDATE SET version = excluded.version, row_seq = excluded.row_seq,
       status = excluded.status, snapshot = excluded.snapshot, updated_at = excluded.updated_at`,
  );
  const get = database.prepare(`SELECT ${columns} FROM row WHERE id = ?`);
  // Named one by one, they are found by the index; by what they are not, every finished row would be read.
  const open = database.prepare(
    `SELECT ${columns} FROM row WHERE status IN ('active', 'parked') ORDER BY rowid`,
  );
  const done = database.prepare(
    `SELECT ${columns} FROM row WHERE status = 'done' AND (?1 IS NULL OR chart = ?1)
     ORDER BY updated_at DESC, rowid DESC LIMIT ?2`,
  );
  const setStatus = database.prepare('UPDATE row SET status = ? WHERE id = ?');
  const clearWork = ['intent', 'timer', 'deadline'].map((table) =>
    database.prepare(`DELETE FROM ${table} WHERE row_id = ?`),
  );
  return {
    put: ({ id, chart, version, rowSeq, status, snapshot, updatedAt }) => {
      put.run(id, chart, version, rowSeq, status, snapshot, Math.round(updatedAt));
    },
    get: (id) => {
      const found = get.get(id);
      return found === undefined ? undefined : record(found as unknown as Columns);
    },
    open: () => open.all().map((row) => record(row as unknown as Columns)),
    done: ({ chart, limit }) =>
      done.all(chart ?? null, limit).map((row) => record(row as unknown as Columns)),
    setStatus: (id, status) => {
      setStatus.run(status, id);
    },
    clearWork: (id) => {
      for (const statement of clearWork) statement.run(id);
    },
  };
}

interface Columns {
  id: string;
  chart: string;
  version: number;
  row_seq: number;
  status: RowRecord['status'];
  snapshot: string;
  updated_at: number;
}

const record = (row: Columns): RowRecord => ({
  id: row.id,
  chart: row.chart,
  version: row.version,
  rowSeq: row.row_seq,
  status: row.status,
  snapshot: row.snapshot,
  updatedAt: row.updated_at as UnixMs,
});
