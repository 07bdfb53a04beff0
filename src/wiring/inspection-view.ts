import type { StateValue } from 'xstate';
import type { Config } from '../config/config.ts';
import type { EpochContext } from '../machines/epoch-context.ts';
import { toMermaid } from '../machines/to-mermaid.ts';
import type { EpochPlan } from '../policy/epoch-plan.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Runtime, RowView } from '../runtime/interface.ts';
import type { InferenceCounters } from '../server/inference/counters.ts';
import type { InspectionExtra } from '../server/inspection/inspection.ts';
import type { InferenceLimits } from '../server/limits/inference-limits.ts';
import type { BackEnds } from './back-ends.ts';
import { charts, type Daemon, volatileCharts } from './daemon.ts';
import { spentToday } from './spending.ts';
import type { UsageAccountant } from './usage-accountant.ts';

export interface InspectionViewOptions {
  readonly config: Config;
  readonly daemon: Daemon;
  readonly clock: Clock;
  readonly counters: InferenceCounters;
  readonly upstream: Pick<BackEnds, 'view'>;
  readonly usage: Pick<UsageAccountant, 'view'>;
  readonly limits: Pick<InferenceLimits, 'view'>;
}

const machines = { ...charts, ...volatileCharts };
/** Finished rows shown beside the open ones. */
const finishedShown = 20;

/** What inspection reads of the daemon: rows of both runtimes as one, and what no row holds. */
export function createInspectionView(options: InspectionViewOptions) {
  const { daemon, config } = options;
  const runtime: Pick<Runtime, 'rows' | 'leases' | 'alerts' | 'journalSince' | 'onStep'> = {
    rows: () => [...daemon.volatileRows.rows(), ...daemon.rows.rows({ all: true, limit: finishedShown })],
    leases: () => daemon.rows.leases(),
    alerts: () => [...daemon.rows.alerts(), ...daemon.volatileRows.alerts()],
    journalSince: (seq, limit) => daemon.rows.journalSince(seq, limit),
    onStep: (listener) => daemon.rows.onStep(listener),
  };
  return {
    runtime,
    extra: (): InspectionExtra => extra(options),
    diagram: (rowId: string): string | undefined => {
      const row = daemon.rows.row(rowId) ?? daemon.volatileRows.row(rowId);
      return row === undefined ? undefined : diagram(row);
    },
    nodeId: config.node.id,
  };
}

function extra(options: InspectionViewOptions): InspectionExtra {
  const { config, daemon, clock, counters, upstream, usage, limits } = options;
  const head = daemon.follower.head();
  const standing = (daemon.volatileRows.row('chainClock')?.value as { standing?: string } | undefined)
    ?.standing;
  return {
    chain:
      head === undefined
        ? null
        : {
            standing: standing ?? 'syncing',
            height: head.height,
            phase: head.phase,
            latestEpochIndex: head.latestEpochIndex,
            blockTimeMs: Math.round(daemon.follower.blockTimeMs()),
            seenAt: head.seenAt,
            isConfirmationPocActive: head.isConfirmationPocActive,
          },
    plan: plan(daemon, clock),
    money: {
      spentAndReservedTodayMicroUsd: spentToday(daemon.rows.leases(), clock.now()),
      dailyCapMicroUsd: config.rental.maxDailySpend,
      priceCapPerHourMicroUsd: config.vast.priceMax,
      inference: usage.view(),
    },
    relay: { ...daemon.outbox.totals(), foreign: daemon.post.foreignCount() },
    upstream: {
      name: config.upstream.name,
      model: config.upstream.model,
      ...upstream.view(),
      ...counters,
      limits: limits.view(),
    },
    service: { ...daemon.desk.view() },
  };
}

/** What happens next, at which height and about when: the steps that lie ahead of every PoC that is not over. */
function plan(daemon: Daemon, clock: Clock): InspectionExtra['plan'] {
  const head = daemon.follower.head();
  if (head === undefined) return null;
  const now = clock.now();
  const steps = daemon.rows
    .rows({ chart: 'epoch' })
    .flatMap((row) => stepsOf((row.context as EpochContext).plan))
    .filter(({ height }) => height > head.height)
    .toSorted((a, b) => a.height - b.height)
    .map((step) => ({
      ...step,
      blocksLeft: step.height - head.height,
      aboutAt: Math.round(now + (step.height - head.height) * daemon.follower.blockTimeMs()),
    }));
  return { nextPocEpoch: head.next.epochIndex, steps };
}

const stepsOf = (of: EpochPlan): readonly { epochIndex: number; what: string; height: number }[] =>
  (
    [
      ['heads are followed block by block', of.approachHeight],
      ['a machine is rented', of.rentHeight],
      ['PoC starts', of.pocStartHeight],
      ['generation ends', of.generationEndHeight],
      ['validation ends', of.validationEndHeight],
      ['the machine is released', of.holdUntilHeight],
    ] as const
  ).map(([what, height]) => ({ epochIndex: of.epochIndex, what, height }));

function diagram(row: RowView): string | undefined {
  const chart = machines[row.chart as keyof typeof machines];
  if (chart === undefined) return undefined;
  return toMermaid(chart.machine, row.value as StateValue);
}
