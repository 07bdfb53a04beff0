import type { DatabaseSync } from 'node:sqlite';
import type { ErrorCode } from '../errors.ts';
import type { MicroUsd, MicroUsdPerHour, UnixMs } from '../units.ts';
import type { LeaseRow } from './interface.ts';
import type { AlertTable, LeaseTable } from './store.ts';

/** Tables `lease` and `reservation`: readable by any later version without a snapshot. */
export function sqliteLeases(database: DatabaseSync): LeaseTable {
  const keep = database.prepare(
    `INSERT INTO lease (row_id, label, instance_id, price, ttl_until, is_gone, opened_at)
     VALUES ($row, $label, $instance, $price, $ttl, $gone, $at)
     ON CONFLICT (row_id) DO UPDATE SET
       label = coalesce(excluded.label, label),
       instance_id = CASE WHEN $names THEN excluded.instance_id ELSE instance_id END,
       price = coalesce(excluded.price, price),
       ttl_until = coalesce(excluded.ttl_until, ttl_until),
       is_gone = coalesce(excluded.is_gone, is_gone)`,
  );
  const reserve = database.prepare(
    `INSERT INTO reservation (row_id, reserved, opened_at) VALUES (?, ?, ?)
     ON CONFLICT (row_id) DO UPDATE SET reserved = excluded.reserved`,
  );
  const settle = database.prepare(
    `INSERT INTO reservation (row_id, reserved, settled, opened_at) VALUES (?, 0, ?, ?)
     ON CONFLICT (row_id) DO UPDATE SET settled = excluded.settled`,
  );
  const newest = database.prepare(
    `SELECT coalesce(lease.row_id, reservation.row_id) AS row_id, label, instance_id, price, ttl_until, is_gone,
       coalesce(reserved, 0) AS reserved, settled, coalesce(lease.opened_at, reservation.opened_at) AS opened_at
     FROM lease FULL OUTER JOIN reservation ON lease.row_id = reservation.row_id
     ORDER BY coalesce(is_gone, 0), opened_at DESC LIMIT ?`,
  );
  return {
    keep: (rowId, columns, at) => {
      keep.run({
        row: rowId,
        label: columns.label ?? null,
        instance: columns.instanceId ?? null,
        price: columns.price ?? null,
        ttl: columns.ttlUntil === undefined ? null : Math.round(columns.ttlUntil),
        gone: columns.isGone === undefined ? null : Number(columns.isGone),
        names: Number(columns.instanceId !== undefined),
        at: Math.round(at),
      });
    },
    reserve: (rowId, amount, at) => {
      reserve.run(rowId, amount, Math.round(at));
    },
    settle: (rowId, amount, at) => {
      settle.run(rowId, amount, Math.round(at));
    },
    newest: (limit) => newest.all(limit).map((row) => leaseRow(row as unknown as LeaseJoin)),
  };
}

interface LeaseJoin {
  row_id: string;
  label: string | null;
  instance_id: number | null;
  price: number | null;
  ttl_until: number | null;
  is_gone: number | null;
  reserved: number;
  settled: number | null;
  opened_at: number;
}

const leaseRow = (row: LeaseJoin): LeaseRow => ({
  rowId: row.row_id,
  ...(row.label === null ? {} : { label: row.label }),
  instanceId: row.instance_id,
  ...(row.price === null ? {} : { price: row.price as MicroUsdPerHour }),
  ...(row.ttl_until === null ? {} : { ttlUntil: row.ttl_until as UnixMs }),
  isGone: row.is_gone === 1,
  reserved: row.reserved as MicroUsd,
  settled: row.settled as MicroUsd | null,
  openedAt: row.opened_at as UnixMs,
});

/** Table `alert`: what a person should know now, one a key. */
export function sqliteAlerts(database: DatabaseSync): AlertTable {
  const raise = database.prepare(
    `INSERT INTO alert (key, row_id, code, message, since) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET row_id = excluded.row_id, code = excluded.code, message = excluded.message`,
  );
  const clear = database.prepare('DELETE FROM alert WHERE key = ?');
  const open = database.prepare(
    'SELECT key, row_id, code, message, since FROM alert ORDER BY since, key LIMIT ?',
  );
  return {
    raise: (rowId, alert, at) => {
      raise.run(alert.key, rowId, alert.code, alert.message, Math.round(at));
    },
    clear: (key) => {
      clear.run(key);
    },
    open: (limit) =>
      open.all(limit).map((row) => ({
        key: row['key'] as string,
        rowId: row['row_id'] as string,
        code: row['code'] as ErrorCode,
        message: row['message'] as string,
        since: row['since'] as UnixMs,
      })),
  };
}
