import type { DatabaseSync } from 'node:sqlite';
import type { Store } from './store.ts';
import { inTransaction } from './sqlite-database.ts';

const defaultAgeMs = 90 * 24 * 3_600_000;
const defaultBytes = 1e9;
/** One call never holds the event loop longer than this many lines take (some milliseconds). */
const linesPerCall = 5000;

/** Retention of journal and finished rows; leases, reservations and whatever belongs to an open row stay for ever. */
export function sqlitePruning(database: DatabaseSync): Store['prune'] {
  const finished = `row_id NOT IN (SELECT id FROM row WHERE status IN ('active', 'parked'))`;
  const dropOld = database.prepare(
    `DELETE FROM journal WHERE seq IN (SELECT seq FROM journal WHERE at < ? AND ${finished} ORDER BY at, seq LIMIT ?)`,
  );
  const dropOldest = database.prepare(
    `DELETE FROM journal WHERE seq IN (SELECT seq FROM journal WHERE ${finished} ORDER BY seq LIMIT ?)`,
  );
  const dropRows = database.prepare(
    `DELETE FROM row WHERE id IN (SELECT id FROM row WHERE status = 'done' AND updated_at < ? LIMIT ?)`,
  );
  const pages = database.prepare('SELECT page_count AS n FROM pragma_page_count');
  const freePages = database.prepare('SELECT freelist_count AS n FROM pragma_freelist_count');
  const pageBytes = Number(database.prepare('PRAGMA page_size').get()?.['page_size']);
  const usedBytes = (): number => (Number(pages.get()?.['n']) - Number(freePages.get()?.['n'])) * pageBytes;

  return (now, { ageMs = defaultAgeMs, bytes = defaultBytes } = {}) =>
    inTransaction(database, () => {
      const before = Math.round(now - ageMs);
      let dropped = Number(dropOld.run(before, linesPerCall).changes);
      dropRows.run(before, linesPerCall);
      if (dropped < linesPerCall && usedBytes() > bytes) {
        dropped += Number(dropOldest.run(linesPerCall - dropped).changes);
      }
      return dropped;
    });
}
