import type { DatabaseSync } from 'node:sqlite';
import type { UnixMs } from '../units.ts';
import type { JournalEntry, LeaseRow, RowEvent, RowView } from './interface.ts';
import { readSnapshot } from './snapshot.ts';
import type { RowRecord } from './store.ts';

export interface JournalPage {
  /** Only of this row. @default all */
  readonly rowIds?: readonly string[];
  /** Only what is older than this `seq`. */
  readonly before?: number;
  readonly limit: number;
}

/** From when on a row had a machine. */
export interface Ownership {
  readonly owner: string;
  readonly since: UnixMs;
}

/** What was, for whoever looks at the daemon: read-only, bounded, by index alone. Throws STORE_BROKEN's causes. */
export interface History {
  /** Rows named `epoch:<index>`, open ones too, highest index first. */
  epochs(page: { readonly before?: number; readonly limit: number }): readonly RowView[];
  /** Rows named `lease:<ULID>`, open ones too, newest first; `before` is an id. */
  leases(page: { readonly before?: string; readonly limit: number }): readonly RowView[];
  /** Ids of lease rows by each row that has them or had them; the newest 1000. */
  leaseOwners(): ReadonlyMap<string, readonly string[]>;
  /** Who had that lease one after the other, as far as the journal goes back; the one that has it now is the last. */
  ownerships(rowId: string): readonly Ownership[];
  /** The newest entries that fit, oldest of them first. */
  journal(page: JournalPage): readonly JournalEntry[];
  money(rowIds: readonly string[]): readonly Pick<LeaseRow, 'rowId' | 'reserved' | 'settled'>[];
  /** All that was ever settled, micro-dollars. */
  settledEver(): number;
}

const rowColumns = 'id, chart, version, row_seq AS rowSeq, status, snapshot, updated_at AS updatedAt';
const ownersMax = 1_000;

export function createSqliteHistory(database: DatabaseSync): History {
  const epochs = database.prepare(
    `SELECT ${rowColumns} FROM row WHERE id >= 'epoch:' AND id < 'epoch;' AND CAST(substr(id, 7) AS INTEGER) < ?
     ORDER BY CAST(substr(id, 7) AS INTEGER) DESC LIMIT ?`,
  );
  const leases = database.prepare(
    `SELECT ${rowColumns} FROM row WHERE id >= 'lease:' AND id < ? ORDER BY id DESC LIMIT ?`,
  );
  const owners = database.prepare(
    `SELECT id, json_extract(snapshot, '$.context.owner') AS owner,
       json_extract(snapshot, '$.context.ownedSince') AS ownedSince FROM row
     WHERE id >= 'lease:' AND id < 'lease;' ORDER BY id DESC LIMIT ${ownersMax}`,
  );
  const journalColumns = 'seq, row_id, chart, at, event, value';
  const handed = database.prepare(
    `SELECT at, coalesce(json_extract(event, '$.owner'), json_extract(event, '$.input.owner')) AS owner FROM journal
     WHERE row_id = ? AND json_extract(event, '$.type') IN ('xstate.init', 'LEASE.HANDED_OVER') ORDER BY seq`,
  );
  const lastOwner = database.prepare(
    `SELECT json_extract(snapshot, '$.context.owner') AS owner,
       coalesce(json_extract(snapshot, '$.context.ownedSince'), json_extract(snapshot, '$.context.openedAt')) AS since
     FROM row WHERE id = ?`,
  );
  const newest = database.prepare(
    `SELECT ${journalColumns} FROM journal WHERE seq < ? ORDER BY seq DESC LIMIT ?`,
  );
  const newestOfRow = database.prepare(
    `SELECT ${journalColumns} FROM journal WHERE row_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
  );
  const money = database.prepare('SELECT reserved, settled FROM reservation WHERE row_id = ?');
  const settledEver = database.prepare('SELECT coalesce(sum(settled), 0) AS sum FROM reservation');

  const ownerships = (rowId: string): readonly Ownership[] => {
    const told = handed.all(rowId).map(({ owner, at }) => ({ owner, since: at })) as unknown as Ownership[];
    const now = lastOwner.get(rowId) as { owner: string | null; since: number | null } | undefined;
    // Old entries are pruned; who has it now stands in the row.
    if (now?.owner === null || now === undefined || told.at(-1)?.owner === now.owner) return told;
    return [...told, { owner: now.owner, since: (now.since ?? 0) as UnixMs }];
  };

  return {
    ownerships,
    epochs: ({ before = Number.MAX_SAFE_INTEGER, limit }) => epochs.all(before, limit).map(viewOf),
    leases: ({ before = 'lease;', limit }) => leases.all(before, limit).map(viewOf),
    leaseOwners: () => {
      const found = owners.all() as { id: string; owner: string | null; ownedSince: number | null }[];
      const named = found.flatMap(({ id, owner, ownedSince }) => {
        const all = ownedSince === null ? [owner] : ownerships(id).map((each) => each.owner);
        return [...new Set(all)].flatMap((each) => (each === null ? [] : [{ id, owner: each }]));
      });
      const grouped = Map.groupBy(named, ({ owner }) => owner);
      return new Map([...grouped].map(([owner, rows]) => [owner, rows.map(({ id }) => id)]));
    },
    journal: ({ rowIds, before = Number.MAX_SAFE_INTEGER, limit }) => {
      const found =
        rowIds === undefined
          ? newest.all(before, limit)
          : rowIds.flatMap((id) => newestOfRow.all(id, before, limit));
      return found
        .map(entryOf)
        .toSorted((a, b) => a.seq - b.seq)
        .slice(-limit);
    },
    money: (rowIds) =>
      rowIds.flatMap((rowId) => {
        const row = money.get(rowId) as { reserved: number; settled: number | null } | undefined;
        return row === undefined ? [] : [{ rowId, ...row } as ReturnType<History['money']>[number]];
      }),
    settledEver: () => Number(settledEver.get()?.['sum']),
  };
}

function viewOf(row: Record<string, unknown>): RowView {
  const record = row as unknown as RowRecord;
  const { id, chart, status, updatedAt } = record;
  return { id, chart, status, updatedAt, ...readSnapshot(record), openIntents: [] };
}

const entryOf = (row: Record<string, unknown>): JournalEntry => ({
  seq: row['seq'] as number,
  rowId: row['row_id'] as string,
  chart: row['chart'] as string,
  at: row['at'] as UnixMs,
  event: JSON.parse(row['event'] as string) as RowEvent,
  value: JSON.parse(row['value'] as string) as unknown,
});
