import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { DurationHistogram } from '../duration-histogram.ts';
import { HybridError } from '../errors.ts';

const migrationsUrl = new URL('../../migrations/', import.meta.url);

/** Longer would hold up a status poll of the Network Node. */
const busyTimeoutMs = 20;

/**
 * Opens (or makes) a store file and brings it to the newest migration. `:memory:` gives one that dies with the process.
 * FULL: a commit that was acknowledged survives a power cut, not only a crash of the process.
 * Throws STORE_TOO_NEW, or STORE_BROKEN when it cannot be opened.
 */
export function openSqliteDatabase(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec(`PRAGMA busy_timeout=${busyTimeoutMs}`);
    database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON');
    migrate(database, path);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof HybridError) throw error;
    throw new HybridError(
      { code: 'STORE_BROKEN', message: `store ${path} cannot be opened: ${(error as Error).message}`, path },
      { cause: error },
    );
  }
}

/** Commits what `work` wrote, or nothing if it throws. Failures of the store itself become STORE_BROKEN. */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  const startedAt = performance.now();
  const figures = commitFigures(database);
  try {
    const { begin, commit } = commandsOf(database);
    begin.run();
    const result = work();
    commit.run();
    figures.commits.observe((performance.now() - startedAt) / 1000);
    return result;
  } catch (error) {
    figures.failures += 1;
    rollBack(database);
    throw storeFailure(error) ?? error;
  }
}

interface Commands {
  readonly begin: StatementSync;
  readonly commit: StatementSync;
}

const commands = new WeakMap<DatabaseSync, Commands>();

/** Prepared once: SQLite would read the two words anew for each transaction. */
function commandsOf(database: DatabaseSync): Commands {
  const known = commands.get(database);
  if (known !== undefined) return known;
  const fresh = { begin: database.prepare('BEGIN IMMEDIATE'), commit: database.prepare('COMMIT') };
  commands.set(database, fresh);
  return fresh;
}

/** Transactions of one open database since it was opened. */
export interface CommitFigures {
  readonly commits: DurationHistogram;
  failures: number;
}

const figuresOf = new WeakMap<DatabaseSync, CommitFigures>();
const commitBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

export function commitFigures(database: DatabaseSync): CommitFigures {
  const known = figuresOf.get(database);
  if (known !== undefined) return known;
  const fresh: CommitFigures = { commits: new DurationHistogram(commitBounds), failures: 0 };
  figuresOf.set(database, fresh);
  return fresh;
}

/** Result codes that say something about the store, not about the statement (sqlite.org/rescode.html). */
const storeFaults = new Map([
  [5, 'busy'],
  [6, 'locked'],
  [7, 'out of memory'],
  [8, 'read-only'],
  [10, 'I/O error'],
  [11, 'corrupt'],
  [13, 'disk full'],
  [14, 'cannot be opened'],
  [26, 'no database'],
]);
const passing = new Set([5, 6, 7, 10, 13]);

function storeFailure(error: unknown): HybridError | undefined {
  const { code, errcode } = error as { code?: unknown; errcode?: number };
  if (code === 'ERR_INVALID_STATE') {
    return new HybridError({ code: 'STORE_BROKEN', message: 'the store is closed' }, { cause: error });
  }
  const primary = code === 'ERR_SQLITE_ERROR' && errcode !== undefined ? errcode & 0xff : -1;
  const what = storeFaults.get(primary);
  if (what === undefined) return undefined;
  const facts = {
    code: 'STORE_BROKEN',
    message: `the store cannot be written: ${what}`,
    sqliteCode: primary,
  } as const;
  return new HybridError(
    facts,
    passing.has(primary) ? { cause: error, class: 'retryable' } : { cause: error },
  );
}

function rollBack(database: DatabaseSync): void {
  if (database.isOpen && database.isTransaction) database.exec('ROLLBACK');
}

function migrate(database: DatabaseSync, path: string): void {
  const files = readdirSync(migrationsUrl)
    .filter((name) => /^\d{6}\.sql$/.test(name))
    .toSorted();
  const newest = Number(files.at(-1)?.slice(0, 6) ?? 0);
  const current = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (current > newest) {
    throw new HybridError({
      code: 'STORE_TOO_NEW',
      message: `store ${path} has schema ${current}, this version knows ${newest}`,
      path,
    });
  }
  for (const file of files) {
    const number = Number(file.slice(0, 6));
    if (number <= current) continue;
    inTransaction(database, () => {
      database.exec(readFileSync(new URL(file, migrationsUrl), 'utf8'));
      database.exec(`PRAGMA user_version=${number}`);
    });
  }
}
