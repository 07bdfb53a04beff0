import type { DatabaseSync } from 'node:sqlite';
import { HybridError } from '../errors.ts';
import type { Outbox, OutboxEntry, OutboxOutcome } from './outbox.ts';
import type { BlockHeight, UnixMs } from '../units.ts';
import { inTransaction } from './sqlite-database.ts';
import { sqliteOutboxLeases } from './sqlite-outbox-leases.ts';

export interface OutboxLimits {
  /** Undelivered entries, default 20 000. */
  readonly entries?: number;
  /** Bytes of their bodies, default 512 MiB. */
  readonly bytes?: number;
}

const defaultEntries = 20_000;
const defaultBytes = 512 * 2 ** 20;
/** So many of the queued entries are held in memory too, if their bodies are no larger. */
const held = { entries: 64, bodyBytes: 65_536 };
const columns = 'id, lease_id, kind, url, body, received_at, window_end_height, attempts, nonce_count';

/**
 * The relay's outbox in the daemon's store. A finished entry leaves the table; how many went which way is kept.
 * `put` throws RELAY_FULL at the limits, STORE_BROKEN when the commit failed.
 */
export function createSqliteOutbox(database: DatabaseSync, limits: OutboxLimits = {}): Outbox {
  const { entries: maxEntries = defaultEntries, bytes: maxBytes = defaultBytes } = limits;
  const insert = database.prepare(
    `INSERT INTO outbox (lease_id, kind, url, body, received_at, window_end_height, nonce_count)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const drop = database.prepare(
    'DELETE FROM outbox WHERE id = ? RETURNING lease_id, kind, window_end_height, nonce_count, length(body) AS bytes',
  );
  const count = database.prepare('UPDATE outbox SET attempts = attempts + 1 WHERE id = ?');
  const pending = database.prepare(`SELECT ${columns} FROM outbox ORDER BY id LIMIT ?`);
  const account = database.prepare(
    `INSERT INTO outbox_outcome (window_end_height, outcome, callbacks, nonces) VALUES (?, ?, 1, ?)
     ON CONFLICT (window_end_height, outcome)
     DO UPDATE SET callbacks = callbacks + 1, nonces = nonces + excluded.nonces`,
  );
  const leases = sqliteOutboxLeases(database);
  const totals = database.prepare(
    'SELECT outcome, sum(callbacks) AS callbacks FROM outbox_outcome GROUP BY outcome',
  );
  const within = database.prepare(
    'SELECT outcome, callbacks, nonces FROM outbox_outcome WHERE window_end_height = ?',
  );
  const queuedWithin = database.prepare('SELECT count(*) AS n FROM outbox WHERE window_end_height = ?');
  const sums = database
    .prepare('SELECT count(*) AS n, coalesce(sum(length(body)), 0) AS bytes FROM outbox')
    .get();
  let queued = Number(sums?.['n']);
  let queuedBytes = Number(sums?.['bytes']);
  /** Entries that this process put. When they are all that is queued, a look for work reads no body from the store. */
  const own = new Map<number, OutboxEntry>();

  return {
    put: (entry) => {
      if (queued >= maxEntries || queuedBytes + entry.body.length > maxBytes) throw full(queued, queuedBytes);
      const id = inTransaction(database, () => Number(insert.run(...values(entry)).lastInsertRowid));
      const kept = { id, attempts: 0, ...entry };
      if (own.size < held.entries && entry.body.length <= held.bodyBytes) own.set(id, kept);
      queued += 1;
      queuedBytes += entry.body.length;
      return kept;
    },
    pending: (limit) => {
      if (queued === own.size) return [...own.values()].slice(0, limit);
      return pending.all(limit).map((row) => record(row as unknown as Columns));
    },
    countAttempt: (id) => {
      inTransaction(database, () => count.run(id));
      const entry = own.get(id);
      if (entry !== undefined) own.set(id, { ...entry, attempts: entry.attempts + 1 });
    },
    finish: (id, outcome) => {
      const dropped = inTransaction(database, () => {
        const entry = drop.get(id) as Dropped | undefined;
        if (entry !== undefined) {
          account.run(entry.window_end_height, outcome, entry.nonce_count);
          leases.account({ ...entry, outcome });
        }
        return entry;
      });
      if (dropped === undefined) return;
      own.delete(id);
      queued -= 1;
      queuedBytes -= dropped.bytes;
    },
    totals: () => {
      const kept = byOutcome(totals.all() as unknown as Account[]);
      return {
        queued,
        delivered: kept.get('delivered')?.callbacks ?? 0,
        refused: kept.get('refused')?.callbacks ?? 0,
        expired: kept.get('expired')?.callbacks ?? 0,
      };
    },
    byLease: leases.totals,
    within: (windowEndHeight) => {
      const kept = byOutcome(within.all(windowEndHeight) as unknown as Account[]);
      return {
        deliveredNonces: kept.get('delivered')?.nonces ?? 0,
        deliveredCallbacks: kept.get('delivered')?.callbacks ?? 0,
        undeliverable: (kept.get('refused')?.callbacks ?? 0) + (kept.get('expired')?.callbacks ?? 0),
        queued: Number(queuedWithin.get(windowEndHeight)?.['n']),
      };
    },
  };
}

interface Dropped {
  lease_id: string;
  kind: OutboxEntry['kind'];
  window_end_height: number;
  nonce_count: number;
  bytes: number;
}

interface Account {
  outcome: OutboxOutcome;
  callbacks: number;
  nonces: number;
}
const byOutcome = (accounts: readonly Account[]): Map<OutboxOutcome, Account> =>
  new Map(accounts.map((account) => [account.outcome, account]));

interface Columns {
  id: number;
  lease_id: string;
  kind: OutboxEntry['kind'];
  url: string;
  body: Uint8Array;
  received_at: number;
  window_end_height: number;
  attempts: number;
  nonce_count: number;
}

const values = (entry: Parameters<Outbox['put']>[0]) =>
  [
    entry.leaseId,
    entry.kind,
    entry.url,
    entry.body,
    Math.round(entry.receivedAt),
    entry.windowEndHeight,
    entry.nonceCount,
  ] as const;

const record = (row: Columns): OutboxEntry => ({
  id: row.id,
  leaseId: row.lease_id,
  kind: row.kind,
  url: row.url,
  body: Buffer.from(row.body.buffer, row.body.byteOffset, row.body.byteLength),
  receivedAt: row.received_at as UnixMs,
  windowEndHeight: row.window_end_height as BlockHeight,
  attempts: row.attempts,
  nonceCount: row.nonce_count,
});

function full(entries: number, bytes: number): HybridError {
  const message = `the outbox holds ${entries} callbacks, ${bytes} bytes`;
  return new HybridError({ code: 'RELAY_FULL', message, entries, bytes });
}
