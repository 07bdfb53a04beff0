import { HybridError } from '../errors.ts';
import type { JournalEntry } from './interface.ts';
import type { RowWrite } from './row-write.ts';
import type { RowStep } from './step.ts';
import type { UnixMs } from '../units.ts';
import type { InboxRecord, RowRecord, Store } from './store.ts';

/** Messages that one reader may leave unread. */
const inboxLimit = 1000;

/** What a transaction gave rise to, for the time after its commit. */
export interface Committed {
  readonly entries: readonly JournalEntry[];
  readonly messages: readonly InboxRecord[];
}

/** Writes planned steps; to be called inside a transaction. Throws STORE_FULL when a reader's inbox is full. */
export function writeSteps(store: Store, steps: readonly RowStep[]): Committed {
  const entries: JournalEntry[] = [];
  const messages: InboxRecord[] = [];
  for (const step of steps) {
    const { id, chart, status, at, event } = step;
    store.rows.put(new SteppedRow(step));
    for (const write of step.writes) {
      const message = writeOne(store, step, write);
      if (message !== undefined) messages.push(message);
    }
    if (status === 'done') store.rows.clearWork(id);
    const entry = { rowId: id, chart, at, event, value: step.snapshot.value as unknown };
    entries.push({ seq: store.journal.append(entry), ...entry });
  }
  return { entries, messages };
}

/** A row after a step. Its text is made when a store reads it; a store in memory never does. */
class SteppedRow implements RowRecord {
  readonly id: string;
  readonly chart: string;
  readonly version: number;
  readonly rowSeq: number;
  readonly status: RowRecord['status'];
  readonly updatedAt: UnixMs;
  readonly #persisted: () => string;
  constructor({ id, chart, version, rowSeq, status, at, persisted }: RowStep) {
    this.id = id;
    this.chart = chart;
    this.version = version;
    this.rowSeq = rowSeq;
    this.status = status;
    this.updatedAt = at;
    this.#persisted = persisted;
  }
  get snapshot(): string {
    return this.#persisted();
  }
}

function writeOne(store: Store, step: RowStep, write: RowWrite): InboxRecord | undefined {
  switch (write.kind) {
    case 'tell':
      return tell(store, step, write);
    case 'openIntent':
      store.intents.put(write.intent, step.at);
      break;
    case 'closeIntent':
      store.intents.drop(write.intentId);
      break;
    case 'armTimer':
      store.timers.put(write.timer);
      break;
    case 'dropTimer':
      store.timers.drop(step.id, write.id);
      break;
    case 'armHeight':
      store.deadlines.put(write.deadline);
      break;
    case 'dropHeight':
      store.deadlines.drop(step.id, write.id);
      break;
    case 'takeInbox':
      store.inbox.drop(write.inboxId);
      break;
    default:
      writeMoneyOrAlert(store, step, write);
  }
  return undefined;
}

type MoneyOrAlert = Extract<
  RowWrite,
  { kind: 'keepLease' | 'reserve' | 'settle' | 'raiseAlert' | 'clearAlert' }
>;

function writeMoneyOrAlert(store: Store, step: RowStep, write: MoneyOrAlert): void {
  switch (write.kind) {
    case 'keepLease':
      return store.leases.keep(step.id, write.columns, step.at);
    case 'reserve':
      return store.leases.reserve(step.id, write.amount, step.at);
    case 'settle':
      return store.leases.settle(step.id, write.amount, step.at);
    case 'raiseAlert':
      return store.alerts.raise(step.id, write.alert, step.at);
    case 'clearAlert':
      return store.alerts.clear(write.key);
  }
}

function tell(store: Store, step: RowStep, { to, event }: Extract<RowWrite, { kind: 'tell' }>): InboxRecord {
  if (store.inbox.count(to) >= inboxLimit) {
    const message = `row ${to} has left ${inboxLimit} messages unread`;
    throw new HybridError({ code: 'STORE_FULL', message, rowId: to });
  }
  return store.inbox.put({ from: step.id, to, event });
}
