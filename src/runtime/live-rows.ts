import type { AnyMachineSnapshot } from 'xstate';
import { type Fault, toFault } from '../errors.ts';
import { unixMs, type UnixMs } from '../units.ts';
import type { Chart, RowView } from './interface.ts';
import { readSnapshot, restoreSnapshot } from './snapshot.ts';
import type { RowBefore, RowStep } from './step.ts';
import type { DeadlineRecord, IntentRecord, RowRecord, Store, TimerRecord } from './store.ts';

/** An open row as the process holds it: the hot path reads no store. */
export interface LiveRow extends RowBefore {
  rowSeq: number;
  snapshot: AnyMachineSnapshot;
  updatedAt: UnixMs;
  readonly intents: Map<string, IntentRecord>;
  readonly timers: Map<string, TimerRecord>;
  readonly deadlines: Map<string, DeadlineRecord>;
}

/** A row whose stored state does not fit; it waits for a version that it fits. */
export interface UnfitRow {
  readonly record: RowRecord;
  readonly fault: Fault;
}

/** All open rows. */
export class LiveRows {
  readonly #rows = new Map<string, LiveRow>();
  readonly #unfit = new Map<string, UnfitRow>();

  get(id: string): LiveRow | undefined {
    return this.#rows.get(id);
  }
  isUnfit(id: string): boolean {
    return this.#unfit.has(id);
  }
  get size(): number {
    return this.#rows.size + this.#unfit.size;
  }
  values(): Iterable<LiveRow> {
    return this.#rows.values();
  }
  /** Of one chart, or of all. */
  views(chart?: string): RowView[] {
    const isWanted = (row: { readonly chart: string }): boolean => chart === undefined || row.chart === chart;
    const views: RowView[] = [];
    for (const row of this.#rows.values()) if (isWanted(row)) views.push(viewOfLive(row));
    for (const row of this.#unfit.values()) if (isWanted(row.record)) views.push(viewOfUnfit(row));
    return views;
  }
  view(id: string): RowView | undefined {
    const row = this.#rows.get(id);
    if (row !== undefined) return viewOfLive(row);
    const unfit = this.#unfit.get(id);
    return unfit === undefined ? undefined : viewOfUnfit(unfit);
  }

  /**
   * Reads every open row. Returns those that do not fit the charts of this version. Ceilings of heights come not before
   * `ceilingsFrom`.
   */
  load(store: Store, charts: Readonly<Record<string, Chart>>, ceilingsFrom: number): readonly UnfitRow[] {
    const intents = Map.groupBy(store.intents.all(), ({ rowId }) => rowId);
    const timers = Map.groupBy(store.timers.all(), ({ rowId }) => rowId);
    const patient = store.deadlines
      .all()
      .map((record) => ({ ...record, ceilingAt: unixMs(Math.max(record.ceilingAt, ceilingsFrom)) }));
    const deadlines = Map.groupBy(patient, ({ rowId }) => rowId);
    for (const record of store.rows.open()) {
      const { id, chart, rowSeq, updatedAt } = record;
      const open = intents.get(id) ?? [];
      try {
        const known = charts[chart];
        if (known === undefined) throw new RangeError(`no chart "${chart}"`);
        this.#rows.set(id, {
          id,
          chart,
          rowSeq,
          updatedAt,
          snapshot: restoreSnapshot(known, record, open),
          intents: byId(open),
          timers: byId(timers.get(id) ?? []),
          deadlines: byId(deadlines.get(id) ?? []),
        });
      } catch (error) {
        this.#unfit.set(id, {
          record,
          fault: { ...toFault(error), code: 'SNAPSHOT_UNFIT', class: 'operator' },
        });
      }
    }
    return [...this.#unfit.values()];
  }

  /** Follows a committed step. Returns the row, also when it is finished and gone from here. */
  follow(step: RowStep): LiveRow {
    const row = this.#rows.get(step.id) ?? newRow(step);
    row.rowSeq = step.rowSeq;
    row.snapshot = step.snapshot;
    row.updatedAt = step.at;
    for (const write of step.writes) {
      if (write.kind === 'openIntent') row.intents.set(write.intent.id, write.intent);
      else if (write.kind === 'closeIntent') row.intents.delete(write.intentId);
      else if (write.kind === 'armTimer') row.timers.set(write.timer.id, write.timer);
      else if (write.kind === 'dropTimer') row.timers.delete(write.id);
      else if (write.kind === 'armHeight') row.deadlines.set(write.deadline.id, write.deadline);
      else if (write.kind === 'dropHeight') row.deadlines.delete(write.id);
    }
    if (step.status === 'active') this.#rows.set(row.id, row);
    else {
      this.#rows.delete(row.id);
      for (const work of [row.intents, row.timers, row.deadlines]) work.clear();
    }
    return row;
  }
}

/** What inspection shows of a finished row. */
export const viewOfDone = (record: RowRecord): RowView => ({
  id: record.id,
  chart: record.chart,
  ...readSnapshot(record),
  status: 'done',
  updatedAt: record.updatedAt,
  openIntents: [],
});

const byId = <Kept extends { readonly id: string }>(records: readonly Kept[]): Map<string, Kept> =>
  new Map(records.map((record) => [record.id, record]));

const newRow = ({ id, chart, rowSeq, snapshot, at }: RowStep): LiveRow => ({
  id,
  chart,
  rowSeq,
  snapshot,
  updatedAt: at,
  intents: new Map(),
  timers: new Map(),
  deadlines: new Map(),
});

const viewOfLive = (row: LiveRow): RowView => ({
  id: row.id,
  chart: row.chart,
  value: row.snapshot.value,
  context: row.snapshot.context,
  status: 'active',
  updatedAt: row.updatedAt,
  openIntents: [...row.intents.keys()],
});

const viewOfUnfit = ({ record }: UnfitRow): RowView => ({ ...viewOfDone(record), status: 'parked' });
