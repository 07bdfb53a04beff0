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

export function sqliteRentals(database: DatabaseSync): RentalTable {
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
  const newest = database.prepare(
    `SELECT ${fields.join(', ')}, is_forgiven AS isForgiven, nonces, work_ms AS workMs
     FROM rental ORDER BY opened_at DESC, lease_id DESC LIMIT ?`,
  );
  const whole = new Set(['opened_at', 'owned_since', 'running_at', 'ready_at', 'ended_at']);
  return {
    keep: (record) => {
      const values = columns.map(([column, field]) => {
        const value = record[field];
        return whole.has(column) && typeof value === 'number' ? Math.round(value) : value;
      });
      keep.run(...values);
    },
    noteWork: (leaseId, nonces, workMs) => {
      work.run(nonces, Math.round(workMs), leaseId);
    },
    forgive: (machineId) =>
      Number((machineId === 'all' ? forgiveAll.run() : forgiveOne.run(machineId)).changes),
    newest: (limit) => newest.all(limit).map(remembered).toReversed(),
  };
}

const remembered = (row: Record<string, unknown>): RememberedRental => ({
  ...(row as unknown as RememberedRental),
  isForgiven: row['isForgiven'] === 1,
});
