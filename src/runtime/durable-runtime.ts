import type { BlockHeight, UnixMs } from '../units.ts';
import { type Alarm, Alarms } from './alarms.ts';
import type { Clock } from './clock.ts';
import { Executor, type Outcome } from './executor.ts';
import { nextReached } from './heights.ts';
import type { Chart, Effects, JournalEntry, RowEvent, RowView, Runtime, RuntimeReport } from './interface.ts';
import { isStoreFailure, JobQueue } from './job-queue.ts';
import { LiveRows, viewOfDone } from './live-rows.ts';
import { plain } from './plain.ts';
import { type Stepped, Stepper } from './stepper.ts';
import type { DeadlineRecord, InboxRecord, IntentRecord, Store } from './store.ts';
import { watchedStore } from './watched-store.ts';

export interface RuntimeOptions {
  /** Where the rows live; a store over `:memory:` makes a volatile runtime. */
  readonly store: Store;
  readonly clock: Clock;
  /** By name. */
  readonly charts: Readonly<Record<string, Chart>>;
  /** By chart name, then by actor name. An actor without an effect parks the event that would start it. */
  readonly effects: Readonly<Record<string, Effects>>;
  readonly report: RuntimeReport;
  /** Open rows, default 10 000; a step that would open more is parked (STORE_FULL). */
  readonly maxRows?: number;
  /**
   * No ceiling of a height comes sooner than so long after a start: the wall clock may have been set while nobody lived,
   * and the chain gets its chance first. Default 0.
   */
  readonly ceilingGraceMs?: number;
}

const listLimit = 1000;

/**
 * The interpreter of charts: XState's pure `transition()`, and one transaction a step that holds the journal entry, the
 * new snapshot, the invokes that began or ended, timers, deadlines and messages. Effects start after the commit.
 *
 * Beyond the contract: an event that a chart throws on is parked and `send` still returns true (it is recorded); the
 * intent, timer or deadline behind it stays, and is tried again by the next start. `send` and `open` throw
 * STORE_BROKEN when the commit failed; before `start` they throw, after `stop` nothing happens. In journal entries of type `runtime.late` and `runtime.undelivered` the
 * runtime itself speaks.
 */
export function createRuntime(options: RuntimeOptions): Runtime {
  return new DurableRuntime(options);
}

class DurableRuntime implements Runtime {
  readonly #options: RuntimeOptions;
  readonly #store: Store;
  readonly #rows = new LiveRows();
  readonly #stepper: Stepper;
  readonly #executor: Executor;
  readonly #alarms: Alarms;
  readonly #jobs: JobQueue;
  readonly #listeners = new Set<(entry: JournalEntry) => void>();
  #unannounced: JournalEntry[] = [];
  #height: BlockHeight | undefined;
  /** Deadlines whose step was parked: not again before the next start. */
  readonly #refused = new WeakSet<DeadlineRecord>();
  #phase: 'new' | 'running' | 'stopped' = 'new';

  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.#store = watchedStore(options.store, options.report);
    this.#jobs = new JobQueue(() => this.#announce(), options.clock);
    this.#stepper = new Stepper({ maxRows: 10_000, ...options, store: this.#store, rows: this.#rows });
    this.#executor = new Executor(options.effects, (chart, intent, outcome) =>
      this.#soon(() => this.#takeResult(chart, intent, outcome)),
    );
    this.#alarms = new Alarms(options.clock, (alarm) => this.#soon(() => this.#takeAlarm(alarm)));
  }

  start(): void {
    if (this.#phase !== 'new') throw new Error('the runtime was started before');
    const at = this.#now();
    const unfit = this.#rows.load(
      this.#store,
      this.#options.charts,
      at + (this.#options.ceilingGraceMs ?? 0),
    );
    this.#markRows(unfit.map(({ record }) => record.id));
    for (const { record, fault } of unfit) {
      this.#options.report.parked(record.id, { type: 'runtime.restore', at }, fault);
    }
    for (const { intents } of this.#rows.values()) this.#executor.noteLoaded(intents.keys());
    for (const message of this.#store.inbox.all()) this.#jobs.add(() => this.#deliver(message));
    for (const { id, timers, deadlines } of this.#rows.values()) {
      this.#alarms.match(id, timers.values(), deadlines.values());
    }
    this.#alarms.ringDue();
    this.#phase = 'running';
    this.#jobs.settle();
    for (const row of this.#rows.values()) this.#executor.match(row.chart, row.id, row.intents);
  }

  open(chart: string, id: string, input: unknown): void {
    if (this.#phase === 'stopped') return;
    this.#mustRun();
    if (this.#options.charts[chart] === undefined) throw new RangeError(`no chart "${chart}"`);
    this.#follow(this.#stepper.open({ chart, id, input: plain(input) }));
    this.#jobs.settle();
  }

  send(rowId: string, event: RowEvent): boolean {
    if (this.#phase === 'stopped') return false;
    this.#mustRun();
    const row = this.#rows.get(rowId);
    if (row === undefined) return false;
    this.#follow(this.#stepper.patiently(() => this.#stepper.take(row, plain(event) as RowEvent)));
    this.#jobs.settle();
    return true;
  }

  heightReached(height: BlockHeight): void {
    if (this.#phase === 'stopped') return;
    this.#mustRun();
    if (this.#height !== undefined && height <= this.#height) return;
    this.#height = height;
    this.#soon(() => this.#takeHeights());
  }

  row(rowId: string): RowView | undefined {
    const open = this.#rows.view(rowId);
    if (open !== undefined) return open;
    const kept = this.#store.rows.get(rowId);
    return kept?.status === 'done' ? viewOfDone(kept) : undefined;
  }

  rows(options: { chart?: string; all?: boolean; limit?: number } = {}): readonly RowView[] {
    const { chart, all = false, limit = listLimit } = options;
    const open = this.#rows.views(chart);
    const done = all ? this.#store.rows.done({ limit, ...(chart === undefined ? {} : { chart }) }) : [];
    const found = done.length === 0 ? open : [...open, ...done.map(viewOfDone)];
    return found.length < 2
      ? found.slice(0, limit)
      : found.toSorted((a, b) => b.updatedAt - a.updatedAt).slice(0, limit);
  }

  leases = () => this.#store.leases.newest(listLimit);
  alerts = () => this.#store.alerts.open(listLimit);
  journalSince = (seq: number, limit: number) => this.#store.journal.since(seq, limit);

  onStep(listener: (entry: JournalEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async stop(limitMs?: number): Promise<void> {
    this.#phase = 'stopped';
    this.#jobs.stop();
    this.#alarms.stop();
    await this.#executor.stop(limitMs);
  }

  /** A disk that is full must not keep the daemon from starting: the marks are for whoever reads the file. */
  #markRows(unfitIds: readonly string[]): void {
    try {
      this.#store.transaction(() => {
        for (const { id } of this.#rows.values()) this.#store.rows.setStatus(id, 'active');
        for (const id of unfitIds) this.#store.rows.setStatus(id, 'parked');
      });
    } catch (error) {
      if (!isStoreFailure(error)) throw error;
    }
  }

  #mustRun(): void {
    if (this.#phase !== 'running') throw new Error(`the runtime is ${this.#phase}, not running`);
  }

  #now(): UnixMs {
    return Math.floor(this.#options.clock.now()) as UnixMs;
  }

  #soon(job: () => void): void {
    if (this.#phase === 'stopped') return;
    this.#jobs.add(job);
    if (this.#phase === 'running') this.#jobs.settle();
  }

  /** After a commit: memory first, then effects and timers, then what other rows were told. Null: nothing committed. */
  #follow(stepped: Stepped | null): boolean {
    if (stepped === null) return false;
    for (const step of stepped.steps) {
      const row = this.#rows.follow(step);
      this.#executor.match(row.chart, row.id, row.intents);
      this.#alarms.match(row.id, row.timers.values(), row.deadlines.values());
    }
    this.#unannounced.push(...stepped.entries);
    for (const message of stepped.messages) this.#jobs.add(() => this.#deliver(message));
    if (nextReached(this.#rows.values(), this.#height, this.#refused) !== undefined) {
      this.#jobs.add(() => this.#takeHeights());
    }
    return true;
  }

  #deliver(message: InboxRecord): void {
    if (this.#rows.isUnfit(message.to)) return;
    const row = this.#rows.get(message.to);
    if (row === undefined) {
      this.#unannounced.push(this.#stepper.drop(message));
      return;
    }
    this.#follow(this.#stepper.take(row, message.event, { kind: 'takeInbox', inboxId: message.id }));
  }

  #takeResult(chart: string, intent: IntentRecord, outcome: Outcome): void {
    const row = this.#rows.get(intent.rowId);
    if (row?.intents.has(intent.id) !== true) {
      this.#unannounced.push(this.#stepper.noteLate(chart, intent, outcome));
      this.#options.report.late(intent.id, outcome);
      return;
    }
    const { actorId } = intent;
    const event =
      outcome.kind === 'done'
        ? { type: `xstate.done.actor.${actorId}`, output: outcome.output, actorId }
        : { type: `xstate.error.actor.${actorId}`, error: outcome.error, actorId };
    this.#follow(this.#stepper.take(row, event, { kind: 'closeIntent', intentId: intent.id }));
  }

  #takeAlarm({ kind, record }: Alarm): void {
    const row = this.#rows.get(record.rowId);
    if (kind === 'timer') {
      if (row?.timers.get(record.id) !== record) return;
      this.#follow(this.#stepper.take(row, record.event, { kind: 'dropTimer', id: record.id }));
      return;
    }
    if (row?.deadlines.get(record.id) !== record) return;
    const event = { ...record.event, height: this.#height ?? record.height, ceiling: true };
    this.#follow(this.#stepper.take(row, event, { kind: 'dropHeight', id: record.id }));
  }

  #takeHeights(): void {
    const record = nextReached(this.#rows.values(), this.#height, this.#refused);
    const row = record === undefined ? undefined : this.#rows.get(record.rowId);
    if (record === undefined || row === undefined) return;
    const event = { ...record.event, height: this.#height };
    const stepped = this.#stepper.take(row, event, { kind: 'dropHeight', id: record.id });
    if (!this.#follow(stepped)) this.#refused.add(record);
    this.#jobs.add(() => this.#takeHeights());
  }

  #announce(): void {
    for (let entry = this.#unannounced.shift(); entry !== undefined; entry = this.#unannounced.shift()) {
      for (const listener of this.#listeners) tellListener(listener, entry);
    }
  }
}

/**
 * A listener's mistake is its own: the step is committed. It surfaces as an uncaught exception; that the store took
 * nothing of it is none, and was reported.
 */
function tellListener(listener: (entry: JournalEntry) => void, entry: JournalEntry): void {
  try {
    listener(entry);
  } catch (error) {
    if (isStoreFailure(error)) return;
    queueMicrotask(() => {
      throw error;
    });
  }
}
