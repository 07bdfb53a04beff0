import type { DatabaseSync } from 'node:sqlite';
import { inTransaction, openSqliteDatabase } from './sqlite-database.ts';
import { sqliteJournal } from './sqlite-journal.ts';
import { sqliteInbox, sqliteParked } from './sqlite-messages.ts';
import { sqliteAlerts, sqliteLeases } from './sqlite-money.ts';
import { sqlitePruning } from './sqlite-pruning.ts';
import { sqliteRows } from './sqlite-rows.ts';
import { sqliteDeadlines, sqliteIntents, sqliteTimers } from './sqlite-work.ts';
import type { MetaTable, Store } from './store.ts';

/** Without a file the journal would fill the memory of a daemon that runs for months. */
const journalLinesInMemory = 5000;

/** The store, and the database under it for what shares its file (the relay's outbox). */
export interface SqliteStore extends Store {
  readonly database: DatabaseSync;
}

/**
 * The store in one SQLite file; `:memory:` for charts that need not survive the process (it keeps 5000 journal lines).
 * Throws STORE_TOO_NEW, STORE_BROKEN. Does not lock out a second daemon: see lock.ts.
 */
export function openSqliteStore(path: string): SqliteStore {
  const database = openSqliteDatabase(path);
  const transaction = <Result>(work: () => Result): Result => inTransaction(database, work);
  return {
    database,
    transaction,
    rows: sqliteRows(database),
    journal: sqliteJournal(database, path === ':memory:' ? journalLinesInMemory : Infinity),
    intents: sqliteIntents(database),
    timers: sqliteTimers(database),
    deadlines: sqliteDeadlines(database),
    inbox: sqliteInbox(database),
    parked: sqliteParked(database),
    leases: sqliteLeases(database),
    alerts: sqliteAlerts(database),
    meta: sqliteMeta(database),
    prune: sqlitePruning(database),
    close: () => {
      if (database.isOpen) database.close();
    },
  };
}

function sqliteMeta(database: DatabaseSync): MetaTable {
  const get = database.prepare('SELECT value FROM meta WHERE key = ?');
  const set = database.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  return {
    get: (key) => (get.get(key) as { value: string } | undefined)?.value,
    set: (key, value) => {
      set.run(key, value);
    },
  };
}
