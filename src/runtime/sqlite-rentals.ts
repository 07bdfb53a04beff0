import type { DatabaseSync } from 'node:sqlite';
import type { MicroUsd, MicroUsdPerHour, UnixMs } from '../units.ts';

/** One rental as it is remembered beyond its row. */
export interface RentalRecord {
  readonly leaseId: string;
  /** The epoch row that had it last. */
  readonly owner: string;
  readonly machineId: number;
  readonly image: string;
  readonly gpuName: string;
  readonly gpuCount: number;
  /** Of one GPU. */
  readonly gpuRamMb: number;
  readonly inetDownMbps: number;
  readonly reliability: number;
  readonly gpuPrice: MicroUsdPerHour;
  readonly diskPrice: MicroUsdPerHour;
  readonly trafficUsd: number;
  readonly openedAt: UnixMs;
  /** Since when the owner has it. */
  readonly ownedSince: UnixMs;
  readonly runningAt: UnixMs | null;
  readonly readyAt: UnixMs | null;
  readonly endedAt: UnixMs | null;
  readonly settled: MicroUsd | null;
  /** Code of the fault that ended it. */
  readonly fault: string | null;
  /** Class of the machine's own fault. */
  readonly distrust: string | null;
}

/** The same with what was added later. */
export interface RememberedRental extends RentalRecord {
  readonly isForgiven: boolean;
  readonly nonces: number | null;
  readonly workMs: number | null;
}

/** Table `rental`. Every write may be repeated: a restart tells again what it is not sure of. */
export interface RentalTable {
  keep(record: RentalRecord): void;
  noteWork(leaseId: string, nonces: number, workMs: number): void;
  /** Of one machine, or of all; returns how many rentals were forgiven. */
  forgive(machineId: number | 'all'): number;
  /** Newest last. */
  newest(limit: number): readonly RememberedRental[];
}

const columns = [
  ['lease_id', 'leaseId'],
  ['owner', 'owner'],
  ['machine_id', 'machineId'],
  ['image', 'image'],
  ['gpu_name', 'gpuName'],
  ['gpu_count', 'gpuCount'],
  ['gpu_ram_mb', 'gpuRamMb'],
  ['inet_down', 'inetDownMbps'],
  ['reliability', 'reliability'],
  ['gpu_price', 'gpuPrice'],
  ['disk_price', 'diskPrice'],
  ['traffic_usd', 'trafficUsd'],
  ['opened_at', 'openedAt'],
  ['owned_since', 'ownedSince'],
  ['running_at', 'runningAt'],
  ['ready_at', 'readyAt'],
  ['ended_at', 'endedAt'],
  ['settled', 'settled'],
  ['fault', 'fault'],
  ['distrust', 'distrust'],
] as const satisfies readonly (readonly [string, keyof RentalRecord])[];

/** One a database: rows that were read once are read again only after a write to them. */
const tables = new WeakMap<DatabaseSync, RentalTable>();

export function sqliteRentals(database: DatabaseSync): RentalTable {
  const known = tables.get(database);
  if (known !== undefined) return known;
  const table = rentalTable(database);
  tables.set(database, table);
  return table;
}

function rentalTable(database: DatabaseSync): RentalTable {
  const names = columns.map(([column]) => column);
  const updates = names.slice(1).map((column) => `${column} = excluded.${column}`);
  const keep = database.prepare(
    `INSERT INTO rental (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})
     ON CONFLICT (lease_id) DO UPDATE SET ${updates.join(', ')}`,
  );
  const work = database.prepare('UPDATE rental SET nonces = ?, work_ms = ? WHERE lease_id = ?');
  const forgiveOne = database.prepare('UPDATE rental SET is_forgiven = 1 WHERE machine_id = ?');
  const forgiveAll = database.prepare('UPDATE rental SET is_forgiven = 1');
  const fields = columns.map(([column, field]) => `${column} AS ${field}`);
  const one = database.prepare(
    `SELECT ${fields.join(', ')}, is_forgiven AS isForgiven, nonces, work_ms AS workMs
     FROM rental WHERE lease_id = ?`,
  );
  const newest = database.prepare(
    'SELECT lease_id FROM rental ORDER BY opened_at DESC, lease_id DESC LIMIT ?',
  );
  const read = new Map<string, RememberedRental>();
  /** Ids of the newest, as long as none was added. */
  let order: { readonly limit: number; readonly leaseIds: readonly string[] } | undefined;
  const inOrder = (limit: number): readonly string[] => {
    if (order?.limit === limit) return order.leaseIds;
    const leaseIds = newest.all(limit).map((row) => row['lease_id'] as string);
    if (!database.isTransaction) order = { limit, leaseIds };
    return leaseIds;
  };
  const reading = (leaseId: string): RememberedRental => {
    const known = read.get(leaseId);
    if (known !== undefined) return known;
    const rental = remembered(one.get(leaseId) as Record<string, unknown>);
    // What a transaction wrote may yet be rolled back.
    if (!database.isTransaction) read.set(leaseId, rental);
    return rental;
  };
  const whole = new Set(['opened_at', 'owned_since', 'running_at', 'ready_at', 'ended_at']);
  return {
    keep: (record) => {
      const values = columns.map(([column, field]) => {
        const value = record[field];
        return whole.has(column) && typeof value === 'number' ? Math.round(value) : value;
      });
      read.delete(record.leaseId);
      order = undefined;
      keep.run(...values);
    },
    noteWork: (leaseId, nonces, workMs) => {
      read.delete(leaseId);
      work.run(nonces, Math.round(workMs), leaseId);
    },
    forgive: (machineId) => {
      read.clear();
      return Number((machineId === 'all' ? forgiveAll.run() : forgiveOne.run(machineId)).changes);
    },
    newest: (limit) => {
      const rentals = inOrder(limit).map(reading);
      for (const leaseId of read.keys()) {
        if (read.size <= limit) break;
        read.delete(leaseId);
      }
      return rentals.toReversed();
    },
  };
}

const remembered = (row: Record<string, unknown>): RememberedRental => ({
  ...(row as unknown as RememberedRental),
  isForgiven: row['isForgiven'] === 1,
});
