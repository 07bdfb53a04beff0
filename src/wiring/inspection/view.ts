import { fileURLToPath } from 'node:url';
import type { StateValue } from 'xstate';
import type { SourceView } from '../../adapters/chain/interface.ts';
import type { Config } from '../../config/config.ts';
import { toMermaid } from '../../machines/to-mermaid.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Runtime, RowView } from '../../runtime/interface.ts';
import { createSqliteHistory } from '../../runtime/sqlite-history.ts';
import { createSqliteCallbackSamples } from '../../runtime/sqlite-callback-samples.ts';
import type { SqliteStore } from '../../runtime/sqlite-store.ts';
import type { InferenceCounters } from '../../server/inference/counters.ts';
import type { InspectionExtra } from '../../server/inspection/inspection.ts';
import { readPageFiles } from '../../server/inspection/page-files.ts';
import type { InferenceLimits } from '../../server/limits/inference-limits.ts';
import { programVersion } from '../../server/mlnode-api/program-version.ts';
import type { BackEnds } from '../gateway/back-ends.ts';
import type { ChargesWatch } from '../renting/charges-watch.ts';
import { charts, type Daemon, volatileCharts } from '../daemon.ts';
import { fleetView } from '../poc/fleet-view.ts';
import { createInspectionBooks } from './books.ts';
import { schedule } from './schedule.ts';
import type { TrafficBook } from '../gateway/traffic-book.ts';
import type { UsageAccountant } from '../gateway/usage-accountant.ts';

export interface InspectionViewOptions {
  readonly config: Config;
  readonly daemon: Daemon;
  readonly store: SqliteStore;
  readonly clock: Clock;
  readonly counters: InferenceCounters;
  readonly upstream: Pick<BackEnds, 'view'>;
  readonly usage: Pick<UsageAccountant, 'view'>;
  readonly limits: Pick<InferenceLimits, 'view'>;
  readonly traffic: Pick<TrafficBook, 'view'>;
  /** @default the provider's charges are not read */
  readonly charges?: Pick<ChargesWatch, 'chargedFor' | 'view'>;
  /** Of several sources of the chain. @default there is one */
  chainSources?(): readonly SourceView[];
}

const machines = { ...charts, ...volatileCharts };
/** Finished rows shown beside the open ones. */
const finishedShown = 20;
/** Where `npm run web` puts the page. */
const pageFolder = fileURLToPath(new URL('../../../web/dist', import.meta.url));

/** What inspection reads of the daemon: rows of both runtimes as one, and what no row holds. */
export function createInspectionView(options: InspectionViewOptions) {
  const { daemon, config, store } = options;
  const startedAt = options.clock.now();
  const runtime: Pick<Runtime, 'rows' | 'leases' | 'alerts' | 'journalSince' | 'onStep'> = {
    rows: () => [...daemon.volatileRows.rows(), ...openAndNewest(daemon.rows)],
    leases: () => daemon.rows.leases(),
    alerts: () => [...daemon.rows.alerts(), ...daemon.volatileRows.alerts()],
    journalSince: (seq, limit) => daemon.rows.journalSince(seq, limit),
    onStep: (listener) => daemon.rows.onStep(listener),
  };
  return {
    runtime,
    extra: (): InspectionExtra => extra(options, startedAt),
    books: createInspectionBooks({
      ...options,
      history: createSqliteHistory(store.database),
      samples: createSqliteCallbackSamples(store.database),
    }),
    page: readPageFiles(pageFolder),
    diagram: (rowId: string): string | undefined => {
      const row = daemon.rows.row(rowId) ?? daemon.volatileRows.row(rowId);
      return row === undefined ? undefined : diagram(row);
    },
    nodeId: config.node.id,
  };
}

/** Every open row, however old, and some finished ones. */
function openAndNewest(rows: Pick<Runtime, 'rows'>): readonly RowView[] {
  const open = rows.rows();
  const newest = rows.rows({ all: true, limit: open.length + finishedShown });
  return [...open, ...newest.filter(({ status }) => status === 'done').slice(0, finishedShown)];
}

function extra(options: InspectionViewOptions, startedAt: number): InspectionExtra {
  const { config, daemon, clock, counters, upstream, usage, limits } = options;
  const head = daemon.follower.head();
  const standing = (daemon.volatileRows.row('chainClock')?.value as { standing?: string } | undefined)
    ?.standing;
  return {
    daemon: {
      now: clock.now(),
      timeScale: config.timeScale,
      version: programVersion(),
      nodeId: config.node.id,
      startedAt,
    },
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
            sources: options.chainSources?.() ?? [],
          },
    plan: schedule(options),
    money: {
      spentAndReservedTodayMicroUsd: sumOf(daemon.planning.today()),
      dailyCapMicroUsd: config.rental.maxDailySpend,
      priceCapPerHourMicroUsd: config.vast.priceMax,
      inference: usage.view(),
      ...(options.charges === undefined ? {} : { charges: options.charges.view() }),
    },
    relay: { ...daemon.outbox.totals(), foreign: daemon.post.foreignCount() },
    upstream: {
      name: config.upstream.name,
      model: config.upstream.model,
      ...upstream.view(),
      ...counters,
      limits: limits.view(),
    },
    service: {
      ...daemon.desk.view(),
      fleet: fleetView({
        width: config.rental.fleetWidth,
        version: daemon.planning.pocVersion(),
        desk: daemon.desk,
        post: daemon.post,
      }),
    },
  };
}

function diagram(row: RowView): string | undefined {
  const chart = machines[row.chart as keyof typeof machines];
  if (chart === undefined) return undefined;
  return toMermaid(chart.machine, row.value as StateValue);
}

const sumOf = ({ spent, reserved }: { readonly spent: number; readonly reserved: number }): number =>
  spent + reserved;
