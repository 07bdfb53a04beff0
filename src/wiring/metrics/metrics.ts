import { alertKindNames, alertKinds } from '../../alerts/alert-kinds.ts';
import { kindOfAlert } from '../../alerts/kind-of-alert.ts';
import type { Config } from '../../config/config.ts';
import { createExposition, type Exposition, type Reading, type Sample } from '../../metrics/exposition.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { NoticeStatus } from '../../runtime/alert-ledger.ts';
import { createSqliteAlertLedger } from '../../runtime/sqlite-alert-ledger.ts';
import { createSqliteCallbackWindows } from '../../runtime/sqlite-callback-windows.ts';
import { commitFigures } from '../../runtime/sqlite-database.ts';
import type { SqliteStore } from '../../runtime/sqlite-store.ts';
import type { InferenceCounters } from '../../server/inference/counters.ts';
import type { DayBooks } from '../../server/limits/day-books.ts';
import type { DaemonAlerts } from '../alerts/of-daemon.ts';
import type { BackEnds } from '../gateway/back-ends.ts';
import type { Daemon } from '../daemon.ts';
import { counted, pocFigures, stateOf } from './poc.ts';
import { watchProcess } from './process.ts';
import { RentalMeter } from './rentals.ts';
import type { TokenTotals } from '../gateway/token-totals.ts';
import type { TrafficBook } from '../gateway/traffic-book.ts';

export interface DaemonMetricsOptions {
  readonly config: Config;
  readonly daemon: Daemon;
  readonly store: SqliteStore;
  readonly clock: Clock;
  readonly counters: InferenceCounters;
  readonly backEnds: Pick<BackEnds, 'view'>;
  isInferenceHealthy(): boolean;
  readonly day: Pick<DayBooks, 'spent'>;
  readonly traffic: Pick<TrafficBook, 'sinceStart'>;
  readonly tokens: TokenTotals;
  readonly alerts: Pick<DaemonAlerts, 'view' | 'host'>;
  /** Millionths of a dollar, as the daily cap counts them. */
  committedToday(): number;
}

export interface DaemonMetrics extends Exposition {
  /** Once the rows are loaded. */
  start(): void;
  stop(): void;
}

/** Everything that is measured of a daemon; every figure is read when somebody scrapes. */
export function createDaemonMetrics(options: DaemonMetricsOptions): DaemonMetrics {
  const { daemon, store, clock } = options;
  const startedAt = clock.now();
  const meter = new RentalMeter(daemon.rows, clock);
  const processWatch = watchProcess(startedAt);
  const windows = createSqliteCallbackWindows(store.database);
  const ledger = createSqliteAlertLedger(store.database);
  const settled = store.database.prepare('SELECT coalesce(sum(settled), 0) AS sum FROM reservation');
  const pages = store.database.prepare(
    'SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()',
  );
  let seen = { height: -1, at: null as number | null };
  const unsubscribe = daemon.volatileRows.onStep(() => {
    const height = daemon.follower.head()?.height;
    if (height !== undefined && height !== seen.height) seen = { height, at: clock.now() };
  });

  const read = (): Reading => {
    const now = clock.now();
    const figures = meter.figures();
    const commits = commitFigures(store.database);
    return {
      ...processWatch.figures(),
      store_commit_seconds: [{ histogram: commits.commits }],
      store_commit_failures_total: [{ value: commits.failures }],
      store_size_bytes: [{ value: Number(pages.get()?.['bytes']) }],
      disk_free_bytes: [{ value: options.alerts.host.freeBytes() }],
      ...openRows(daemon),
      ...pocFigures(daemon, windows, figures, now, seen.at),
      ...leaseFigures(daemon),
      leases_opened_total: [{ value: figures.opened }],
      boot_seconds: [{ histogram: figures.boots }],
      boot_failures_total: [{ value: figures.bootFailures }],
      paid_seconds_total: [{ value: figures.paidSeconds }],
      useful_seconds_total: [{ value: figures.usefulSeconds }],
      instance_orphan_seconds_total: [{ value: figures.orphanSeconds }],
      orphans: [{ value: figures.orphans }],
      rental_cost_dollars_total: [{ value: Number(settled.get()?.['sum']) / 1e6 }],
      ...moneyFigures(options),
      ...inferenceFigures(options),
      ...alertFigures(options, ledger.totals()),
    };
  };
  return {
    ...createExposition(read),
    start: () => meter.start(),
    stop: () => {
      unsubscribe();
      processWatch.stop();
    },
  };
}

function openRows(daemon: Daemon) {
  const rows = [...daemon.rows.rows(), ...daemon.volatileRows.rows()];
  const active = Map.groupBy(
    rows.filter(({ status }) => status === 'active'),
    ({ chart }) => chart,
  );
  return {
    rows_open: [...active].map(([chart, list]) => ({ labels: { chart }, value: list.length })),
    rows_parked: [{ value: rows.filter(({ status }) => status === 'parked').length }],
  };
}

const leaseStates =
  'intended creating lookingUp loading connecting starting qualifying held releasing confirmingGone'.split(
    ' ',
  );
const tunnelStates = ['connecting', 'open', 'lost', 'backoff', 'broken'];

function leaseFigures(daemon: Daemon) {
  const leases = daemon.rows.rows({ chart: 'lease' });
  return {
    leases_live: [{ value: leases.length }],
    leases: counted(leaseStates, leases.map(stateOf)),
    tunnels: counted(tunnelStates, daemon.volatileRows.rows({ chart: 'tunnel' }).map(stateOf)),
  };
}

const dollarsOf = (amount: number | undefined): readonly Sample[] => [
  { value: amount === undefined ? null : amount / 1e6 },
];

function moneyFigures(options: DaemonMetricsOptions) {
  const { config, daemon, day, alerts } = options;
  const leases = daemon.rows.leases();
  const open = leases.filter(({ settled }) => settled === null);
  return {
    rental_reserved_dollars: dollarsOf(open.reduce((sum, { reserved }) => sum + reserved, 0)),
    rental_committed_today_dollars: dollarsOf(options.committedToday()),
    rental_daily_cap_dollars: dollarsOf(config.rental.maxDailySpend),
    rental_epoch_cap_dollars: dollarsOf(config.rental.maxEpochSpend),
    rental_price_cap_dollars_per_hour: dollarsOf(config.vast.priceMax),
    vast_credit_dollars: [{ value: alerts.host.creditUsd() }],
    inference_cost_today_dollars: dollarsOf(day.spent()),
    inference_daily_cap_dollars: dollarsOf(config.limits.spendPerDay),
  };
}

const breakerStates = ['closed', 'open', 'halfOpen'];

function inferenceFigures(options: DaemonMetricsOptions) {
  const { counters, backEnds, traffic, tokens } = options;
  const known = (backEnds.view()['backEnds'] ?? []) as readonly { name: string; breaker: string }[];
  const all = traffic.sinceStart();
  const each = (of: (back: (typeof all)[number]) => number): readonly Sample[] =>
    all.map((back) => ({ labels: { back_end: back.name }, value: of(back) }));
  return {
    inference_requests_total: [{ value: counters.requests }],
    inference_failed_total: [{ value: counters.failed }],
    inference_streamed_total: [{ value: counters.streamed }],
    inference_cancelled_total: [{ value: counters.cancelled }],
    inference_refused_total: [{ value: counters.refused }],
    inference_healthy: [{ value: Number(options.isInferenceHealthy()) }],
    upstream_attempts_total: each(({ attempts }) => attempts),
    upstream_failures_total: each(({ failed }) => failed),
    upstream_running: each(({ running }) => running),
    upstream_first_byte_seconds: all.map(({ name, firstByte }) => ({
      labels: { back_end: name },
      histogram: firstByte,
    })),
    upstream_duration_seconds: all.map(({ name, duration }) => ({
      labels: { back_end: name },
      histogram: duration,
    })),
    upstream_tokens_total: tokens.all().flatMap(({ backEnd, promptTokens, completionTokens }) => [
      { labels: { back_end: backEnd, kind: 'prompt' }, value: promptTokens },
      { labels: { back_end: backEnd, kind: 'completion' }, value: completionTokens },
    ]),
    upstream_breaker: known.flatMap(({ name, breaker }) =>
      breakerStates.map((state) => ({
        labels: { back_end: name, state },
        value: Number(state === breaker),
      })),
    ),
  };
}

function alertFigures(
  { daemon, alerts }: DaemonMetricsOptions,
  totals: readonly { channel: string; status: NoticeStatus; count: number }[],
) {
  const open = [...daemon.rows.alerts(), ...daemon.volatileRows.alerts()].map(kindOfAlert);
  return {
    alerts_active: alertKindNames.map((kind) => ({
      labels: { kind, severity: alertKinds[kind].severity },
      value: open.filter((each) => each === kind).length,
    })),
    alert_notices: totals.map(({ channel, status, count }) => ({
      labels: { channel, status },
      value: count,
    })),
    alert_channel_failures: alerts
      .view()
      .channels.map(({ name, failures }) => ({ labels: { channel: name }, value: failures })),
  };
}
