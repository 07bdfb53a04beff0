import type { AnyMachineSnapshot } from 'xstate';
import type { UnixMs } from '../units.ts';
import { type ExecutableAction, type Scribe, takeAction } from './action.ts';
import type { Chart, Effects, RowEvent } from './interface.ts';
import type { RowWrite } from './row-write.ts';
import { pureOpening, pureTransition } from './pure-transition.ts';
import { persistSnapshot } from './snapshot.ts';
import type { IntentRecord } from './store.ts';

/** What the pure part must know of the world: the charts, the time, and which ids are taken. */
export interface StepContext {
  readonly charts: Readonly<Record<string, Chart>>;
  readonly effects: Readonly<Record<string, Effects>>;
  readonly now: UnixMs;
  exists(rowId: string): boolean;
}

/** A row before a step. */
export interface RowBefore {
  readonly id: string;
  readonly chart: string;
  readonly rowSeq: number;
  readonly snapshot: AnyMachineSnapshot;
  /** Open ones, by id. */
  readonly intents: ReadonlyMap<string, IntentRecord>;
}

/** Everything that one step writes about one row. */
export interface RowStep {
  readonly id: string;
  readonly chart: string;
  readonly version: number;
  readonly rowSeq: number;
  readonly at: UnixMs;
  readonly event: RowEvent;
  readonly snapshot: AnyMachineSnapshot;
  /** The snapshot as JSON text, made when a store asks for it. */
  readonly persisted: () => string;
  readonly status: 'active' | 'done';
  readonly writes: readonly RowWrite[];
}

/**
 * One event on one row, without touching anything: the row's own step first, then the rows that it opened. `cause` is
 * what the event uses up (its inbox message, timer, deadline or intent) in the same transaction.
 * Throws whatever a guard or assign throws, and for everything that a crash could make wrong: unknown actions, actors
 * without an effect, a money-moving invoke left without its outcome.
 */
export function planEvent(
  context: StepContext,
  row: RowBefore,
  event: RowEvent,
  cause: RowWrite | undefined,
): readonly RowStep[] {
  const chart = chartOf(context, row.chart);
  const [snapshot, actions] = pureTransition(chart.machine, row.snapshot, event);
  const writes = cause === undefined ? [] : [cause];
  return finish(context, { row, chart, event, snapshot, actions, writes });
}

/** The first step of a new row, and of the rows that it opens in turn. */
export function planOpening(
  context: StepContext,
  opening: { readonly chart: string; readonly id: string; readonly input: unknown },
): readonly RowStep[] {
  const chart = chartOf(context, opening.chart);
  const [snapshot, actions] = pureOpening(chart.machine, opening.input);
  const row = { id: opening.id, chart: opening.chart, rowSeq: 0, snapshot, intents: new Map() };
  const event = { type: 'xstate.init', input: opening.input, at: context.now };
  return finish(context, { row, chart, event, snapshot, actions, writes: [] });
}

interface Move {
  readonly row: RowBefore;
  readonly chart: Chart;
  readonly event: RowEvent;
  readonly snapshot: AnyMachineSnapshot;
  readonly actions: readonly ExecutableAction[];
  readonly writes: RowWrite[];
}

function finish(context: StepContext, move: Move): readonly RowStep[] {
  const { row, chart, snapshot, writes } = move;
  if (snapshot.status === 'error') throw (snapshot as { error?: unknown }).error;
  const scribe: Scribe = {
    row: { id: row.id, chart: row.chart, rowSeq: row.rowSeq + 1 },
    moneyActors: chart.moneyActors,
    effects: context.effects[row.chart] ?? {},
    now: context.now,
    writes,
    openings: [],
    intents: new Map(row.intents),
  };
  for (const write of writes) if (write.kind === 'closeIntent') scribe.intents.delete(write.intentId);
  for (const action of move.actions) takeAction(scribe, action);

  const step: RowStep = {
    ...scribe.row,
    version: chart.version,
    at: context.now,
    event: move.event,
    snapshot,
    persisted: () => persistSnapshot(chart, snapshot),
    status: snapshot.status === 'done' ? 'done' : 'active',
    writes,
  };
  return [step, ...openRows(context, row.id, scribe.openings)];
}

function openRows(context: StepContext, opener: string, openings: Scribe['openings']): RowStep[] {
  const steps: RowStep[] = [];
  const taken = (id: string): boolean =>
    id === opener || steps.some((step) => step.id === id) || context.exists(id);
  for (const opening of openings) {
    if (!taken(opening.id)) steps.push(...planOpening({ ...context, exists: taken }, opening));
  }
  return steps;
}

function chartOf(context: StepContext, name: string): Chart {
  const chart = context.charts[name];
  if (chart === undefined) throw new RangeError(`no chart "${name}"`);
  return chart;
}
