import type { DatabaseSync } from 'node:sqlite';
import type { ErrorCode, Fault } from '../errors.ts';
import type { UnixMs } from '../units.ts';
import type { AlertLedger, Incident, NoticeRecord, NoticeStatus } from './alert-ledger.ts';
import { inTransaction } from './sqlite-database.ts';

export interface AlertLedgerLimits {
  /** Messages that may wait for one channel. @default 500 */
  readonly queued?: number;
  /** Finished messages kept as the history, all channels together. @default 500 */
  readonly finished?: number;
}

/** The alert ledger in the daemon's store. */
export function createSqliteAlertLedger(
  database: DatabaseSync,
  { queued: queuedMax = 500, finished: finishedMax = 500 }: AlertLedgerLimits = {},
): AlertLedger {
  const all = database.prepare('SELECT * FROM alert_incident ORDER BY opened_at, key');
  const put = database.prepare(
    `INSERT OR REPLACE INTO alert_incident
       (key, id, kind, severity, code, message, opened_at, told_at, tellings, absent_since, recovered_at, flaps)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const forget = database.prepare('DELETE FROM alert_incident WHERE key = ?');
  const queue = database.prepare(
    "INSERT INTO alert_notice (channel, body, status, created_at) VALUES (?, ?, 'queued', ?)",
  );
  const dropOldest = database.prepare(
    `UPDATE alert_notice SET status = 'dropped', finished_at = ?
     WHERE id IN (SELECT id FROM alert_notice WHERE status = 'queued' AND channel = ?
                  ORDER BY id DESC LIMIT -1 OFFSET ?)`,
  );
  const trim = database.prepare(
    `DELETE FROM alert_notice WHERE status != 'queued' AND id <=
       (SELECT id FROM alert_notice WHERE status != 'queued' ORDER BY id DESC LIMIT 1 OFFSET ?)`,
  );
  const next = database.prepare(
    "SELECT * FROM alert_notice WHERE status = 'queued' AND channel = ? ORDER BY id LIMIT 1",
  );
  const attempt = database.prepare('UPDATE alert_notice SET attempts = attempts + 1, fault = ? WHERE id = ?');
  const finish = database.prepare(
    'UPDATE alert_notice SET status = ?, finished_at = ?, attempts = attempts + 1, fault = coalesce(?, fault) WHERE id = ?',
  );
  const history = database.prepare('SELECT * FROM alert_notice ORDER BY id DESC LIMIT ?');
  const totals = database.prepare(
    'SELECT channel, status, count(*) AS count FROM alert_notice GROUP BY channel, status',
  );

  return {
    incidents: () => all.all().map((row) => incident(row as unknown as IncidentColumns)),
    record: (change, at) => {
      inTransaction(database, () => {
        for (const each of change.keep) put.run(...columns(each));
        for (const key of change.forget) forget.run(key);
        for (const { channel, body } of change.notices) queue.run(channel, body, Math.round(at));
        for (const channel of new Set(change.notices.map((notice) => notice.channel)))
          dropOldest.run(Math.round(at), channel, queuedMax);
      });
    },
    next: (channel) => {
      const row = next.get(channel);
      return row === undefined ? undefined : record(row as unknown as NoticeColumns);
    },
    countAttempt: (id, fault) => {
      inTransaction(database, () => attempt.run(JSON.stringify(fault), id));
    },
    finish: (id, status, at, fault) => {
      inTransaction(database, () => {
        finish.run(status, Math.round(at), fault === undefined ? null : JSON.stringify(fault), id);
        trim.run(finishedMax);
      });
    },
    history: (limit) => history.all(limit).map((row) => record(row as unknown as NoticeColumns)),
    totals: () =>
      totals.all().map((row) => ({
        channel: row['channel'] as string,
        status: row['status'] as NoticeStatus,
        count: Number(row['count']),
      })),
  };
}

interface IncidentColumns {
  key: string;
  id: string;
  kind: string;
  severity: string;
  code: string;
  message: string;
  opened_at: number;
  told_at: number | null;
  tellings: number;
  absent_since: number | null;
  recovered_at: number | null;
  flaps: number;
}

interface NoticeColumns {
  id: number;
  channel: string;
  body: string;
  status: NoticeStatus;
  created_at: number;
  attempts: number;
  finished_at: number | null;
  fault: string | null;
}

const whole = (at: UnixMs | null): number | null => (at === null ? null : Math.round(at));

const columns = (of: Incident) =>
  [
    of.key,
    of.id,
    of.kind,
    of.severity,
    of.code,
    of.message,
    Math.round(of.openedAt),
    whole(of.toldAt),
    of.tellings,
    whole(of.absentSince),
    whole(of.recoveredAt),
    of.flaps,
  ] as const;

const incident = (row: IncidentColumns): Incident => ({
  key: row.key,
  id: row.id,
  kind: row.kind,
  severity: row.severity,
  code: row.code as ErrorCode,
  message: row.message,
  openedAt: row.opened_at as UnixMs,
  toldAt: row.told_at as UnixMs | null,
  tellings: row.tellings,
  absentSince: row.absent_since as UnixMs | null,
  recoveredAt: row.recovered_at as UnixMs | null,
  flaps: row.flaps,
});

const record = (row: NoticeColumns): NoticeRecord => ({
  id: row.id,
  channel: row.channel,
  body: row.body,
  status: row.status,
  createdAt: row.created_at as UnixMs,
  attempts: row.attempts,
  finishedAt: row.finished_at as UnixMs | null,
  fault: row.fault === null ? null : (JSON.parse(row.fault) as Fault),
});
