import type { JournalEntry, LeaseRow, OpenAlert } from './interface.ts';
import type {
  AlertTable,
  DeadlineRecord,
  InboxRecord,
  InboxTable,
  IntentRecord,
  JournalTable,
  LeaseTable,
  ParkedRecord,
  ParkedTable,
  RowRecord,
  RowTable,
  Store,
  TimerRecord,
} from './store.ts';

/** Journal lines, finished rows and parked events kept; the oldest go first. */
const kept = { journal: 5_000, done: 1_000, parked: 1_000 };

/**
 * A store for charts that need not survive the process: the same steps, without a disk. Nothing is rolled back: a step
 * writes only once it is planned. So it is not for charts that tell each other, where a full inbox refuses a step.
 */
export function createMemoryStore(): Store {
  const intents = memoryIntents();
  const timers = memoryAlarms<TimerRecord>((a, b) => a.dueAt - b.dueAt);
  const deadlines = memoryAlarms<DeadlineRecord>(() => 0);
  const meta = new Map<string, string>();
  return {
    transaction: (work) => work(),
    rows: memoryRows((rowId) => {
      for (const table of [intents, timers, deadlines]) table.clear(rowId);
    }),
    journal: memoryJournal(),
    intents,
    timers,
    deadlines,
    inbox: memoryInbox(),
    parked: memoryParked(),
    leases: memoryLeases(),
    alerts: memoryAlerts(),
    meta: { get: (name) => meta.get(name), set: (name, value) => void meta.set(name, value) },
    prune: () => 0,
    close: () => undefined,
  };
}

function memoryRows(clearWork: (rowId: string) => void): RowTable {
  const rows = new Map<string, RowRecord>();
  const done: string[] = [];
  return {
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
      if (row !== undefined && row.status !== status)
        rows.set(id, { ...row, snapshot: row.snapshot, status });
    },
    clearWork,
  };
}

function memoryJournal(): JournalTable {
  const journal: JournalEntry[] = [];
  let seq = 0;
  return {
    append: (entry) => {
      seq += 1;
      journal.push({ seq, ...entry });
      if (journal.length > 2 * kept.journal) journal.splice(0, kept.journal);
      return seq;
    },
    since: (after, limit) => journal.filter((entry) => entry.seq > after).slice(0, limit),
  };
}

function memoryIntents() {
  const intents = new Map<string, IntentRecord>();
  return {
    put: (intent: IntentRecord): void => void intents.set(intent.id, intent),
    drop: (id: string): void => void intents.delete(id),
    all: () => [...intents.values()],
    clear: (rowId: string): void => {
      for (const intent of intents.values()) if (intent.rowId === rowId) intents.delete(intent.id);
    },
  };
}

/** Timers or deadlines; one that is put again is a new one, and comes last. */
function memoryAlarms<Alarm extends TimerRecord | DeadlineRecord>(order: (a: Alarm, b: Alarm) => number) {
  const alarms = new Map<string, Alarm>();
  const key = (rowId: string, id: string): string => `${rowId} ${id}`;
  return {
    put: (alarm: Alarm): void => {
      alarms.delete(key(alarm.rowId, alarm.id));
      alarms.set(key(alarm.rowId, alarm.id), alarm);
    },
    drop: (rowId: string, id: string): void => void alarms.delete(key(rowId, id)),
    all: () => [...alarms.values()].toSorted(order),
    clear: (rowId: string): void => {
      for (const alarm of alarms.values()) if (alarm.rowId === rowId) alarms.delete(key(rowId, alarm.id));
    },
  };
}

function memoryInbox(): InboxTable {
  const inbox = new Map<number, InboxRecord>();
  let lastId = 0;
  return {
    put: (message) => {
      const record = { id: ++lastId, ...message };
      inbox.set(record.id, record);
      return record;
    },
    drop: (id) => void inbox.delete(id),
    all: () => [...inbox.values()],
    count: (to) => [...inbox.values()].filter((message) => message.to === to).length,
  };
}

function memoryParked(): ParkedTable {
  const parked: ParkedRecord[] = [];
  return {
    put: (record) => {
      parked.push(record);
      if (parked.length > kept.parked) parked.shift();
    },
    newest: (limit) => parked.toReversed().slice(0, limit),
  };
}

function memoryLeases(): LeaseTable {
  const leases = new Map<string, LeaseRow>();
  const change = (rowId: string, openedAt: LeaseRow['openedAt'], fields: Partial<LeaseRow>): void => {
    const before = leases.get(rowId) ?? { rowId, reserved: 0, settled: null, openedAt };
    leases.set(rowId, { ...before, ...fields } as LeaseRow);
  };
  return {
    keep: (rowId, columns, at) => change(rowId, at, columns),
    reserve: (rowId, reserved, at) => change(rowId, at, { reserved }),
    settle: (rowId, settled, at) => change(rowId, at, { settled }),
    newest: (limit) =>
      [...leases.values()]
        .toSorted((a, b) => Number(a.isGone ?? 0) - Number(b.isGone ?? 0) || b.openedAt - a.openedAt)
        .slice(0, limit),
  };
}

function memoryAlerts(): AlertTable {
  const alerts = new Map<string, OpenAlert>();
  return {
    raise: (rowId, alert, at) => {
      alerts.set(alert.key, { ...alert, rowId, since: alerts.get(alert.key)?.since ?? at });
    },
    clear: (name) => void alerts.delete(name),
    open: (limit) => [...alerts.values()].toSorted((a, b) => a.since - b.since).slice(0, limit),
  };
}
