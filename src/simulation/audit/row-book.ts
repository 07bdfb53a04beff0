import type { StatementSync } from 'node:sqlite';
import type { EpochContext } from '../../machines/epoch-context.ts';
import type { LeaseContext } from '../../machines/lease-context.ts';
import type { SqliteStore } from '../../runtime/sqlite-store.ts';

/** Rows as they are committed, whether a daemon lives or not. */
export class RowBook {
  readonly #store: SqliteStore;

  readonly #reservation: StatementSync;
  readonly #status: StatementSync;

  constructor(store: SqliteStore) {
    this.#store = store;
    this.#status = store.database.prepare('SELECT status FROM row WHERE id = ?');
    this.#reservation = store.database.prepare('SELECT reserved, settled FROM reservation WHERE row_id = ?');
  }

  /** False for a row that is finished or never was. */
  isOpen(id: string): boolean {
    const status = this.#status.get(id)?.['status'];
    return status !== undefined && status !== 'done';
  }

  lease(id: string): LeaseContext | undefined {
    return this.#context(id) as LeaseContext | undefined;
  }

  epoch(id: string): EpochContext | undefined {
    return this.#context(id) as EpochContext | undefined;
  }

  #context(id: string): unknown {
    const row = this.#store.rows.get(id);
    return row === undefined ? undefined : (JSON.parse(row.snapshot) as { context: unknown }).context;
  }

  /** Micro-dollars; undefined without a reservation. */
  reserved(rowId: string): number | undefined {
    return this.#reservation.get(rowId)?.['reserved'] as number | undefined;
  }

  /** Micro-dollars; undefined while the lease is not over. */
  settled(rowId: string): number | undefined {
    return (this.#reservation.get(rowId)?.['settled'] as number | null | undefined) ?? undefined;
  }
}
