import type { JournalEntry, LeaseRow, OpenAlert } from './interface.ts';
import type {
  DeadlineRecord,
  InboxRecord,
  IntentRecord,
  ParkedRecord,
  RowRecord,
  Store,
  TimerRecord,
} from './store.ts';

/** Journal lines and finished rows kept; the oldest go first. */
const kept = { journal: 5_000, done: 1_000, parked: 1_000 };

/**
 * A store for charts that need not survive the process: the same steps, without a disk. Transactions are not rolled
 * back, because a step writes only once it has been planned, and nothing here fails.
 */
export function createMemoryStore(): Store {
  const rows = new Map<string, RowRecord>();
  const done: string[] = [];
  const journal: JournalEntry[] = [];
  const intents = new Map<string, IntentRecord>();
  const timers = new Map<string, TimerRecord>();
  const deadlines = new Map<string, DeadlineRecord>();
  const inbox = new Map<number, InboxRecord>();
  const parked: ParkedRecord[] = [];
  const alerts = new Map<string, OpenAlert>();
  const leases = new Map<string, LeaseRow>();
  const meta = new Map<string, string>();
  let seq = 0;
  let inboxId = 0;
  const key = (rowId: string, id: string): string => `${rowId} ${id}`;

  return {
    transaction: (work) => work(),
    rows: {
      put: (row) => {
        rows.set(row.id, row);
        if (row.status !== 'done') return;
        done.push(row.id);
        if (done.length > kept.done) rows.delete(done.shift() ?? '');
      },
      get: (id) => rows.get(id),
      open: () => [...rows.values()].filter((row) => row.status !== 'done'),
      done: ({ chart, limit }) =>
        [...rows.values()]
          .filter((row) => row.status === 'done' && (chart === undefined || row.chart === chart))
          .toReversed()
          .slice(0, limit),
      setStatus: (id, status) => {
        const row = rows.get(id);
        if (row !== undefined) rows.set(id, { ...row, status });
      },
      clearWork: (id) => {
        for (const table of [intents, timers, deadlines] as Map<string, { rowId: string }>[]) {
          for (const [name, record] of table) if (record.rowId === id) table.delete(name);
        }
      },
    },
    journal: {
      append: (entry) => {
        seq += 1;
        journal.push({ seq, ...entry });
        if (journal.length > 2 * kept.journal) journal.splice(0, kept.journal);
        return seq;
      },
      since: (after, limit) => journal.filter((entry) => entry.seq > after).slice(0, limit),
    },
    intents: {
      put: (intent) => void intents.set(intent.id, intent),
      drop: (id) => void intents.delete(id),
      all: () => [...intents.values()],
    },
    timers: {
      put: (timer) => {
        timers.delete(key(timer.rowId, timer.id));
        timers.set(key(timer.rowId, timer.id), timer);
      },
      drop: (rowId, id) => void timers.delete(key(rowId, id)),
      all: () => [...timers.values()].toSorted((a, b) => a.dueAt - b.dueAt),
    },
    deadlines: {
      put: (deadline) => {
        deadlines.delete(key(deadline.rowId, deadline.id));
        deadlines.set(key(deadline.rowId, deadline.id), deadline);
      },
      drop: (rowId, id) => void deadlines.delete(key(rowId, id)),
      all: () => [...deadlines.values()],
    },
    inbox: {
      put: (message) => {
        const record = { id: ++inboxId, ...message };
        inbox.set(record.id, record);
        return record;
      },
      drop: (id) => void inbox.delete(id),
      all: () => [...inbox.values()],
      count: (to) => [...inbox.values()].filter((message) => message.to === to).length,
    },
    parked: {
      put: (record) => {
        parked.push(record);
        if (parked.length > kept.parked) parked.shift();
      },
      newest: (limit) => parked.toReversed().slice(0, limit),
    },
    leases: {
      keep: (rowId, columns, at) => {
        const before = leases.get(rowId) ?? { rowId, reserved: 0, settled: null, openedAt: at };
        leases.set(rowId, { ...before, ...columns } as LeaseRow);
      },
      reserve: (rowId, reserved, at) => {
        const before = leases.get(rowId) ?? { rowId, settled: null, openedAt: at };
        leases.set(rowId, { ...before, reserved } as LeaseRow);
      },
      settle: (rowId, settled, at) => {
        const before = leases.get(rowId) ?? { rowId, reserved: 0, openedAt: at };
        leases.set(rowId, { ...before, settled } as LeaseRow);
      },
      newest: (limit) =>
        [...leases.values()]
          .toSorted((a, b) => Number(a.isGone ?? 0) - Number(b.isGone ?? 0) || b.openedAt - a.openedAt)
          .slice(0, limit),
    },
    alerts: {
      raise: (rowId, alert, at) => {
        alerts.set(alert.key, { ...alert, rowId, since: alerts.get(alert.key)?.since ?? at });
      },
      clear: (name) => void alerts.delete(name),
      open: (limit) => [...alerts.values()].toSorted((a, b) => a.since - b.since).slice(0, limit),
    },
    meta: { get: (name) => meta.get(name), set: (name, value) => void meta.set(name, value) },
    prune: () => 0,
    close: () => undefined,
  };
}
