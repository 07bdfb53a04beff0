import type { AnyStateMachine } from 'xstate';
import type { Fault } from '../errors.ts';
import type { Alert, LeaseColumns } from '../machines/writes.ts';
import type { BlockHeight, MicroUsd, UnixMs } from '../units.ts';

/** One kind of row. */
export interface Chart {
  readonly machine: AnyStateMachine;
  /** Stored beside each snapshot; raised whenever an old snapshot would no longer mean the same. */
  readonly version: number;
  /** Actors whose outcome moves money: such an invoke may be left only by its own done or error. */
  readonly moneyActors: readonly string[];
}

/** A running invoke. `intentId` is `row:seq:actor` and stays the same over restarts: adapters build labels from it. */
export interface EffectCall<Input = unknown> {
  readonly intentId: string;
  readonly rowId: string;
  readonly input: Input;
  /** True when the intent was already open when this process loaded its row: the work may have taken effect before. */
  readonly isResumed: boolean;
  /** Aborted when the chart left the invoke, or the daemon stops. */
  readonly signal: AbortSignal;
}
/** The work behind an invoke. What it returns must survive JSON. A throw becomes a `Fault` in the chart. */
export type Effect = (call: EffectCall) => Promise<unknown>;
/** Effects by actor name, of one chart. */
export type Effects = Readonly<Record<string, Effect>>;

export interface RowEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What inspection shows of a row. */
export interface RowView {
  readonly id: string;
  readonly chart: string;
  /** XState's state value. */
  readonly value: unknown;
  readonly context: unknown;
  readonly status: 'active' | 'done' | 'parked';
  readonly updatedAt: UnixMs;
  readonly openIntents: readonly string[];
}

/** One line of the journal; `seq` is global and is the id of the event stream. */
export interface JournalEntry {
  readonly seq: number;
  readonly rowId: string;
  readonly chart: string;
  readonly at: UnixMs;
  readonly event: RowEvent;
  /** State value after the event. */
  readonly value: unknown;
}

export interface LeaseRow extends LeaseColumns {
  readonly rowId: string;
  readonly reserved: MicroUsd;
  readonly settled: MicroUsd | null;
  readonly openedAt: UnixMs;
}

export interface OpenAlert extends Alert {
  readonly rowId: string;
  readonly since: UnixMs;
}

/** The interpreter of charts, durable or not: the store decides. */
export interface Runtime {
  /** Loads every open row, re-runs open intents under their ids, re-arms timers. */
  start(): void;
  /** Creates a row unless it exists. */
  open(chart: string, id: string, input: unknown): void;
  /** Durable when it returns. False when there is no such open row. */
  send(rowId: string, event: RowEvent): boolean;
  /** Fires the height deadlines that `height` reaches. A height that reaches none writes nothing. */
  heightReached(height: BlockHeight): void;
  row(rowId: string): RowView | undefined;
  /** Open rows, and with `all` finished ones too (newest first, bounded by `limit`). */
  rows(options?: { chart?: string; all?: boolean; limit?: number }): readonly RowView[];
  leases(): readonly LeaseRow[];
  alerts(): readonly OpenAlert[];
  journalSince(seq: number, limit: number): readonly JournalEntry[];
  /** Called after each commit, in order. Returns the unsubscriber. */
  onStep(listener: (entry: JournalEntry) => void): () => void;
  /**
   * Aborts effects, drops timers; writes nothing. The store can be closed after. Waits for effects at most `limitMs`
   * real milliseconds. @default 1000
   */
  stop(limitMs?: number): Promise<void>;
}

/** What the runtime reports about itself; a logger in production. */
export interface RuntimeReport {
  /** A guard or assign threw: the step was rolled back, the event parked, the row left alone. */
  parked(rowId: string, event: RowEvent, fault: Fault): void;
  /** A result came for an intent that was closed meanwhile (journaled; money results go to the reconciler). */
  late(intentId: string, outcome: unknown): void;
  /**
   * Commits began to fail, or (null) succeed again. While they fail nothing new begins, because effects start after
   * their commit; what is over goes on from memory (see src/wiring/store-outage.ts).
   */
  storeFailing?(fault: Fault | null): void;
}
