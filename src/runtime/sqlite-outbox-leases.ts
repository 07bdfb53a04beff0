import type { DatabaseSync } from 'node:sqlite';
import type { LeaseTotals, Outbox, OutboxOutcome } from './outbox.ts';

interface Finished {
  readonly lease_id: string;
  readonly kind: string;
  readonly window_end_height: number;
  readonly nonce_count: number;
  readonly outcome: OutboxOutcome;
}

/** The outbox machine by machine. `account` is called inside the transaction that finishes an entry. */
export function sqliteOutboxLeases(database: DatabaseSync): {
  account(finished: Finished): void;
  readonly totals: Outbox['byLease'];
} {
  const add = database.prepare(
    `INSERT INTO outbox_lease_outcome (window_end_height, lease_id, kind, outcome, callbacks, nonces)
     VALUES (?, ?, ?, ?, 1, ?)
     ON CONFLICT (window_end_height, lease_id, kind, outcome)
     DO UPDATE SET callbacks = callbacks + 1, nonces = nonces + excluded.nonces`,
  );
  const totals = database.prepare(
    `SELECT lease_id AS leaseId,
            sum(delivered_nonces) AS deliveredNonces, sum(delivered) AS deliveredCallbacks,
            sum(undeliverable) AS undeliverable, sum(queued) AS queued, sum(queued_nonces) AS queuedNonces
     FROM (
       SELECT lease_id, iif(outcome = 'delivered', nonces, 0) AS delivered_nonces,
              iif(outcome = 'delivered', callbacks, 0) AS delivered,
              iif(outcome = 'delivered', 0, callbacks) AS undeliverable, 0 AS queued, 0 AS queued_nonces
       FROM outbox_lease_outcome WHERE window_end_height = ?1
       UNION ALL
       SELECT lease_id, 0, 0, 0, 1, nonce_count FROM outbox WHERE window_end_height = ?1
     )
     GROUP BY lease_id ORDER BY lease_id`,
  );
  return {
    account: ({ lease_id, kind, window_end_height, nonce_count, outcome }) => {
      add.run(window_end_height, lease_id, kind, outcome, nonce_count);
    },
    totals: (windowEndHeight) => totals.all(windowEndHeight) as unknown as LeaseTotals[],
  };
}
