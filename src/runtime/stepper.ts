import { type Fault, HybridError } from '../errors.ts';
import type { Opening } from '../machines/writes.ts';
import type { UnixMs } from '../units.ts';
import type { Clock } from './clock.ts';
import { type Committed, writeSteps } from './commit.ts';
import type { Outcome } from './executor.ts';
import type { Chart, Effects, JournalEntry, RowEvent, RuntimeReport } from './interface.ts';
import { isStoreFailure } from './job-queue.ts';
import type { LiveRow, LiveRows } from './live-rows.ts';
import type { RowWrite } from './row-write.ts';
import { planEvent, planOpening, type RowStep, type StepContext } from './step.ts';
import type { InboxRecord, IntentRecord, Store } from './store.ts';

export interface StepperOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly charts: Readonly<Record<string, Chart>>;
  readonly effects: Readonly<Record<string, Effects>>;
  readonly report: RuntimeReport;
  readonly rows: LiveRows;
  readonly maxRows: number;
}

/** What was committed. */
export interface Stepped extends Committed {
  readonly steps: readonly RowStep[];
}

/** SQLite waits up to 20 ms for each of them, and a status poll must be answered within 50. */
const triesWhenBusy = 2;
const busy = 5;

/** One transaction a step. Everything here either committed when it returns, or changed nothing. */
export class Stepper {
  readonly #options: StepperOptions;

  constructor(options: StepperOptions) {
    this.#options = options;
  }

  /** One event on one row. Null when the chart failed on it: the event is parked, `cause` stays (but for a message). */
  take(row: LiveRow, event: RowEvent, cause?: RowWrite): Stepped | null {
    const at = this.#now();
    const stamped: RowEvent = { ...event, at: event['at'] ?? at };
    return this.#commitOrPark(row, stamped, cause, (context) => planEvent(context, row, stamped, cause));
  }

  /** A new row. Null when it exists, or when its chart failed at once (parked). */
  open(opening: Opening): Stepped | null {
    if (this.#exists(opening.id)) return null;
    const event = { type: 'xstate.init', input: opening.input, at: this.#now() };
    return this.#commitOrPark(opening, event, undefined, (context) => planOpening(context, opening));
  }

  /** A message to a row that is finished or never was: the sender's journal says so. */
  drop({ id, from, to, event }: InboxRecord): JournalEntry {
    const { store } = this.#options;
    return store.transaction(() => {
      store.inbox.drop(id);
      return this.#note(from, { type: 'runtime.undelivered', to, event, at: this.#now() });
    });
  }

  /** A result that nobody waits for any more. */
  noteLate(chart: string, intent: IntentRecord, outcome: Outcome): JournalEntry {
    const event = { type: 'runtime.late', intentId: intent.id, src: intent.src, outcome, at: this.#now() };
    return this.#options.store.transaction(() => this.#note(intent.rowId, event, chart));
  }

  /** Tries again when another connection held the store for a moment. Throws STORE_BROKEN when it still does. */
  patiently<Result>(work: () => Result): Result {
    for (let tries = 1; ; tries++) {
      try {
        return work();
      } catch (error) {
        if (!isStoreFailure(error) || error.facts['sqliteCode'] !== busy || tries === triesWhenBusy)
          throw error;
      }
    }
  }

  #commitOrPark(
    row: { readonly id: string; readonly chart: string },
    event: RowEvent,
    cause: RowWrite | undefined,
    plan: (context: StepContext) => readonly RowStep[],
  ): Stepped | null {
    const { store, charts, effects } = this.#options;
    const context = { charts, effects, now: this.#now(), exists: (id: string) => this.#exists(id) };
    try {
      return store.transaction(() => {
        const steps = plan(context);
        this.#mustFit(steps);
        return { steps, ...writeSteps(store, steps) };
      });
    } catch (error) {
      if (isStoreFailure(error)) throw error;
      this.#park(row, event, cause, error);
      return null;
    }
  }

  #park(
    row: { readonly id: string; readonly chart: string },
    event: RowEvent,
    cause: RowWrite | undefined,
    error: unknown,
  ): void {
    const { store, report } = this.#options;
    const fault = chartFault(error);
    store.transaction(() => {
      store.parked.put({ rowId: row.id, chart: row.chart, at: this.#now(), event, fault });
      if (cause?.kind === 'takeInbox') store.inbox.drop(cause.inboxId);
    });
    report.parked(row.id, event, fault);
  }

  #mustFit(steps: readonly RowStep[]): void {
    const { rows, maxRows } = this.#options;
    const opened = steps.filter(({ id }) => rows.get(id) === undefined).length;
    if (opened > 0 && rows.size + opened > maxRows) {
      throw new HybridError({ code: 'STORE_FULL', message: `${rows.size} rows are open, ${maxRows} may be` });
    }
  }

  #note(rowId: string, event: RowEvent, chart?: string): JournalEntry {
    const { store, rows } = this.#options;
    const row = rows.get(rowId);
    const entry = {
      rowId,
      chart: chart ?? row?.chart ?? store.rows.get(rowId)?.chart ?? '',
      at: this.#now(),
      event,
      value: (row?.snapshot.value ?? null) as unknown,
    };
    return { seq: store.journal.append(entry), ...entry };
  }

  #exists(id: string): boolean {
    return this.#options.rows.get(id) !== undefined || this.#options.store.rows.get(id) !== undefined;
  }

  #now(): UnixMs {
    return Math.floor(this.#options.clock.now()) as UnixMs;
  }
}

function chartFault(error: unknown): Fault {
  if (error instanceof HybridError) return { code: error.code, class: error.class, message: error.message };
  const message = error instanceof Error ? error.message : `a chart threw ${String(error)}`;
  return { code: 'CHART_FAULT', class: 'operator', message };
}
