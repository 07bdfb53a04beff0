import type { ChainClockContext } from '../../machines/chain-clock.ts';
import type { EpochContext } from '../../machines/epoch-context.ts';
import { shortEvent } from '../../machines/chart-graph.ts';
import { forecastBlocks } from '../../policy/block-forecast.ts';
import type { EpochPlan } from '../../policy/epoch-plan.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { RowView } from '../../runtime/interface.ts';
import type { Store } from '../../runtime/store.ts';
import type { Daemon } from '../daemon.ts';
import { chainClockRow } from '../row-names.ts';

type Json = Readonly<Record<string, unknown>>;

/** Timers that ring within this long are of no interest to a person; milliseconds of the daemon's clock. */
const shortPauseMs = 30_000;

export interface ScheduleOptions {
  readonly daemon: Daemon;
  readonly clock: Clock;
  readonly store: Pick<Store, 'timers'>;
}

/**
 * What happens next, at which height and about when (give or take `spreadMs`): the steps that lie ahead of every PoC
 * that is not over; and the timers that run beside them. Null before the first head.
 */
export function schedule({ daemon, clock, store }: ScheduleOptions): Json | null {
  const head = daemon.follower.head();
  if (head === undefined) return null;
  const clockRow = daemon.volatileRows.row(chainClockRow);
  if (clockRow === undefined) return null;
  const { samples, blockTimeMs } = clockRow.context as ChainClockContext;
  const steps = daemon.rows
    .rows({ chart: 'epoch' })
    .flatMap((row) => stepsAhead(row))
    .filter(({ height }) => height > head.height)
    .toSorted((a, b) => a.height - b.height)
    .map((step) => {
      const blocksLeft = step.height - head.height;
      const { aboutMs, spreadMs } = forecastBlocks(samples, blockTimeMs, blocksLeft);
      return {
        ...step,
        blocksLeft,
        aboutAt: Math.round(head.seenAt + aboutMs),
        spreadMs: Math.round(spreadMs),
      };
    });
  const { mode, reason, warning } = daemon.planning.planner.choice();
  const choice = { mode, reason, warning };
  return { nextPocEpoch: head.next.epochIndex, ...choice, steps, timers: timersAhead(store, clock.now()) };
}

interface Step {
  readonly epochIndex: number;
  /** For programs; `what` says the same to people. */
  readonly key: string;
  readonly what: string;
  readonly height: number;
}

/** A machine that is there already is not rented again. */
function stepsAhead(row: RowView): readonly Step[] {
  const { plan } = row.context as EpochContext;
  const state = typeof row.value === 'string' ? row.value : (Object.keys(row.value as object)[0] ?? '');
  const isServed = !['planned', 'idle', 'approaching', 'renting', 'booting'].includes(state);
  return stepsOf(plan).filter(({ key }) => !(isServed && (key === 'rent' || key === 'launch')));
}

const stepsOf = (of: EpochPlan): readonly Step[] =>
  (
    [
      ['approach', 'heads are followed block by block', of.approachHeight],
      ['rent', 'a machine is rented', of.rentHeight],
      ...laterLaunches(of).map(
        (height) => ['launch', 'one more is rented if none is ready', height] as const,
      ),
      ['pocStart', 'PoC starts', of.pocStartHeight],
      ['generationEnd', 'generation ends', of.generationEndHeight],
      ['validationEnd', 'validation ends', of.validationEndHeight],
      ['release', 'the machine is released', of.holdUntilHeight],
    ] as const
  ).map(([key, what, height]) => ({ epochIndex: of.epochIndex, key, what, height }));

/** The plan of an older version has none. */
function laterLaunches(plan: EpochPlan): readonly number[] {
  const { launchHeights = [] } = plan as { readonly launchHeights?: readonly number[] };
  return launchHeights.filter((height) => height > plan.rentHeight);
}

function timersAhead(store: Pick<Store, 'timers'>, now: number): readonly Json[] {
  return store.timers
    .all()
    .filter(({ dueAt }) => dueAt - now > shortPauseMs)
    .map(({ rowId, id, dueAt }) => ({
      rowId,
      event: shortEvent(id),
      state: /^xstate\.after\.[^.]+\.(.+)$/.exec(id)?.[1] ?? '',
      dueAt: Math.round(dueAt),
    }));
}
