import type { Fault } from '../errors.ts';
import type { Alert, LeaseColumns } from '../machines/writes.ts';
import type { BlockHeight, MicroUsd, UnixMs } from '../units.ts';
import type { JournalEntry, LeaseRow, OpenAlert, RowEvent } from './interface.ts';

/**
 * Where the runtime keeps what must survive a crash. Synchronous: a step is one transaction, and nothing else may
 * come between its reads and its writes. Every method throws `HybridError` STORE_BROKEN (class `retryable` when
 * the same call may work a moment later: busy, disk full) if the store itself fails; anything else that it throws is
 * a fault of what it was given.
 */
export interface Store {
  /** Commits what `work` wrote, or nothing if it throws. Does not nest. */
  transaction<Result>(work: () => Result): Result;
  readonly rows: RowTable;
  readonly journal: JournalTable;
  readonly intents: IntentTable;
  readonly timers: TimerTable;
  readonly deadlines: DeadlineTable;
  readonly inbox: InboxTable;
  readonly parked: ParkedTable;
  readonly leases: LeaseTable;
  readonly alerts: AlertTable;
  readonly meta: MetaTable;
  /** Forgets the journal and finished rows beyond `retention`, a bounded piece a call. Returns how many lines went. */
  prune(now: UnixMs, retention?: Retention): number;
  close(): void;
}

/** Open rows and money are kept for ever, whatever these say. */
export interface Retention {
  /** Milliseconds, default 90 days. */
  readonly ageMs?: number;
  /** Bytes of the whole store, default 1 GB (10^9). */
  readonly bytes?: number;
}

export interface RowRecord {
  readonly id: string;
  readonly chart: string;
  /** Of the chart that wrote `snapshot`. */
  readonly version: number;
  /** Counts the steps of this row; part of the intent ids. */
  readonly rowSeq: number;
  readonly status: 'active' | 'done' | 'parked';
  /** XState's persisted snapshot as JSON text. */
  readonly snapshot: string;
  readonly updatedAt: UnixMs;
}

/** An invoke that began and has no outcome yet. */
export interface IntentRecord {
  readonly id: string;
  readonly rowId: string;
  readonly actorId: string;
  /** Name of the actor, the key of its effect. */
  readonly src: string;
  readonly input: unknown;
}

export interface TimerRecord {
  readonly rowId: string;
  readonly id: string;
  readonly dueAt: UnixMs;
  readonly event: RowEvent;
}

export interface DeadlineRecord {
  readonly rowId: string;
  readonly id: string;
  readonly height: BlockHeight;
  readonly ceilingAt: UnixMs;
  readonly event: RowEvent;
}

export interface InboxRecord {
  readonly id: number;
  readonly from: string;
  readonly to: string;
  readonly event: RowEvent;
}

export interface ParkedRecord {
  readonly rowId: string;
  readonly chart: string;
  readonly at: UnixMs;
  readonly event: RowEvent;
  readonly fault: Fault;
}

export interface RowTable {
  put(row: RowRecord): void;
  get(id: string): RowRecord | undefined;
  /** Active and parked rows, in the order in which they were opened. */
  open(): readonly RowRecord[];
  /** Finished rows, newest first. */
  done(options: { readonly chart?: string; readonly limit: number }): readonly RowRecord[];
  setStatus(id: string, status: RowRecord['status']): void;
  /** Drops every intent, timer and deadline of a row. */
  clearWork(id: string): void;
}

export interface JournalTable {
  /** Returns the entry's global `seq`. */
  append(entry: Omit<JournalEntry, 'seq'>): number;
  since(seq: number, limit: number): readonly JournalEntry[];
}

export interface IntentTable {
  put(intent: IntentRecord, openedAt: UnixMs): void;
  drop(id: string): void;
  all(): readonly IntentRecord[];
}

export interface TimerTable {
  /** Replaces one of the same row and id. */
  put(timer: TimerRecord): void;
  drop(rowId: string, id: string): void;
  /** By due time, then by the order of arming. */
  all(): readonly TimerRecord[];
}

export interface DeadlineTable {
  /** Replaces one of the same row and id. */
  put(deadline: DeadlineRecord): void;
  drop(rowId: string, id: string): void;
  all(): readonly DeadlineRecord[];
}

export interface InboxTable {
  put(message: Omit<InboxRecord, 'id'>): InboxRecord;
  drop(id: number): void;
  /** In the order of sending. */
  all(): readonly InboxRecord[];
  /** Messages that wait for one reader. */
  count(to: string): number;
}

export interface ParkedTable {
  /** Keeps the newest 1000. */
  put(parked: ParkedRecord): void;
  /** Newest first. */
  newest(limit: number): readonly ParkedRecord[];
}

export interface LeaseTable {
  keep(rowId: string, columns: LeaseColumns, at: UnixMs): void;
  reserve(rowId: string, amount: MicroUsd, at: UnixMs): void;
  settle(rowId: string, amount: MicroUsd, at: UnixMs): void;
  /** Those not gone first, then newest first. */
  newest(limit: number): readonly LeaseRow[];
}

export interface AlertTable {
  raise(rowId: string, alert: Alert, at: UnixMs): void;
  clear(key: string): void;
  /** Oldest first. */
  open(limit: number): readonly OpenAlert[];
}

export interface MetaTable {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
}
