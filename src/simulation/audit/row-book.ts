import type { SqliteStore } from '../../runtime/sqlite-store.ts';
import type { RowRecord } from '../../runtime/store.ts';

/** Rows as they are committed, whether a daemon lives or not. */
export class RowBook {
  readonly #store: SqliteStore;

  constructor(store: SqliteStore) {
    this.#store = store;
  }

  /** Undefined for a row that is finished or never was. */
  open(id: string): RowRecord | undefined {
    const row = this.#store.rows.get(id);
    return row?.status === 'done' ? undefined : row;
  }

  context<Context>(id: string): Context | undefined {
    const row = this.#store.rows.get(id);
    if (row === undefined) return undefined;
    return (JSON.parse(row.snapshot) as { context: Context }).context;
  }

  get leases(): ReturnType<SqliteStore['leases']['newest']> {
    return this.#store.leases.newest(1_000);
  }
}
