export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Names of labels with the values that they take, in words. */
  readonly labels?: Readonly<Record<string, string>>;
}

export const metricPrefix = 'hybrid_mlnode_';

const counter = (help: string, labels?: MetricDefinition['labels']): MetricDefinition =>
  define('counter', help, labels);
const gauge = (help: string, labels?: MetricDefinition['labels']): MetricDefinition =>
  define('gauge', help, labels);
const histogram = (help: string, labels?: MetricDefinition['labels']): MetricDefinition =>
  define('histogram', help, labels);
const define = (
  type: MetricDefinition['type'],
  help: string,
  labels?: MetricDefinition['labels'],
): MetricDefinition => (labels === undefined ? { type, help } : { type, help, labels });

const backEnd = { back_end: 'name of the back end' };
const state = (states: string) => ({ state: states });

/** Bounds of boots, in seconds. */
export const bootBounds = [30, 60, 120, 180, 300, 420, 600, 900, 1_200, 1_800, 2_700, 3_600];

/**
 * Every metric, without the prefix. Counters begin at zero with the process unless the help says that the store keeps
 * them. Money is in dollars, time in seconds, instants are Unix seconds of the daemon's clock.
 */
export const metricCatalogue = {
  // The process
  build_info: gauge('1, with the versions as labels.', {
    version: 'of the program',
    node: 'of Node.js',
  }),
  start_timestamp_seconds: gauge('When the process began to work.'),
  process_cpu_seconds_total: counter('CPU time of the process, user and system.'),
  process_resident_memory_bytes: gauge('Resident memory of the process.'),
  process_heap_used_bytes: gauge('Used heap of V8.'),
  event_loop_delay_seconds: gauge('How late the event loop was since the last scrape.', {
    stat: '`mean`, `p99`, `max`',
  }),
  // The store
  store_commit_seconds: histogram('Duration of transactions, from their begin to their commit.'),
  store_commit_failures_total: counter('Transactions that were rolled back.'),
  store_size_bytes: gauge('Size of the store file, without its write-ahead log.'),
  disk_free_bytes: gauge('Free bytes on the disk of STATE_DIR; absent until it was looked at.'),
  rows_open: gauge('Open rows of a chart.', { chart: 'name of the chart' }),
  rows_parked: gauge('Rows whose stored state does not fit this version.'),
  // PoC
  epochs_total: counter('PoCs that are over.', {
    outcome: '`completed`, `missed`, `failed`, `skipped`',
  }),
  poc_missed_total: counter('PoCs that were due and earned nothing: missed or failed.'),
  nonces_delivered_total: counter('Nonces in callbacks that the Network Node took. Kept in the store.'),
  nonces_lost_total: counter('Nonces in callbacks that were refused or expired. Kept in the store.'),
  callbacks_queued: gauge('Callbacks that wait for the Network Node.'),
  callbacks_total: counter('Callbacks that are done with. Kept in the store.', {
    outcome: '`delivered`, `refused`, `expired`',
  }),
  callbacks_foreign_total: counter('Callbacks that no running call asked for.'),
  deadline_timestamp_seconds: gauge(
    'About when the next height of the plan is reached; absent without one.',
    {
      event: '`approach`, `rent`, `poc_start`, `generation_end`, `validation_end`, `release`',
    },
  ),
  confirmation_poc_active: gauge('1 while the chain runs a confirmation PoC.'),
  // Machines and money
  leases_live: gauge('Machines that are rented or may be: everything that is not proven gone.'),
  leases: gauge('Leases that are not gone.', {
    state:
      '`intended`, `creating`, `lookingUp`, `loading`, `connecting`, `starting`, `qualifying`, `held`, `releasing`, `confirmingGone`',
  }),
  leases_opened_total: counter('Rentals that were begun.'),
  boot_seconds: histogram('From the begin of a rental to a qualified machine.'),
  boot_failures_total: counter('Rentals that ended before the machine was qualified, through a fault.'),
  paid_seconds_total: counter('Machine time with the GPU meter on, by our own clock.'),
  useful_seconds_total: counter('Machine time at work for a PoC, from its start to the release.'),
  instance_orphan_seconds_total: counter('Time that machines of ours were listed which no lease knows.'),
  orphans: gauge('Such machines at the last look.'),
  rental_cost_dollars_total: counter('Settled cost of all leases, by our own meter. Kept in the store.'),
  rental_reserved_dollars: gauge('Reserved for leases that are not settled.'),
  rental_committed_today_dollars: gauge('Spent and reserved today, as MAX_DAILY_SPEND counts it.'),
  rental_daily_cap_dollars: gauge('MAX_DAILY_SPEND.'),
  rental_epoch_cap_dollars: gauge('MAX_EPOCH_SPEND; absent without one.'),
  rental_price_cap_dollars_per_hour: gauge('VASTAI_MAX_PRICE.'),
  vast_credit_dollars: gauge('Credit of the Vast.ai account as last read; absent until then.'),
  tunnels: gauge('SSH tunnels to machines.', state('`connecting`, `open`, `lost`, `backoff`, `broken`')),
  // Chain and Network Node
  chain_height: gauge('Newest height seen; absent before the first.'),
  chain_head_age_seconds: gauge('Time since the newest height was seen first.'),
  chain_block_time_seconds: gauge('Measured time of a block.'),
  chain_standing: gauge(
    '1 for the state of the chain clock.',
    state('`syncing`, `following`, `stale`, `halted`'),
  ),
  registration_standing: gauge(
    '1 for the state of the registration; absent with REGISTRATION=off.',
    state('`checking`, `registering`, `registered`, `waiting`, `refused`'),
  ),
  // Inference
  inference_requests_total: counter('Well-formed requests for a model of this node.'),
  inference_failed_total: counter("Of these, without a complete answer through the back end's fault."),
  inference_streamed_total: counter('Of these, asked for as a stream.'),
  inference_cancelled_total: counter('Of these, left by the caller before the end.'),
  inference_refused_total: counter('Requests refused for their own sake.'),
  inference_healthy: gauge('1 while somebody serves the expected model.'),
  inference_cost_today_dollars: gauge('Cost of inference of the UTC day, as caps count it.'),
  inference_daily_cap_dollars: gauge('MAX_DAILY_INFERENCE_SPEND; absent without one.'),
  upstream_attempts_total: counter('Exchanges with a back end that are over.', backEnd),
  upstream_failures_total: counter('Of these, the ones that failed.', backEnd),
  upstream_running: gauge('Exchanges with a back end at this moment.', backEnd),
  upstream_first_byte_seconds: histogram(
    'From sending to the first byte of the body; of a stream, its first token.',
    backEnd,
  ),
  upstream_duration_seconds: histogram('From sending to the end of the answer.', backEnd),
  upstream_tokens_total: counter('Tokens that the back end stated.', {
    ...backEnd,
    kind: '`prompt`, `completion`',
  }),
  upstream_breaker: gauge('1 for the state of its breaker.', {
    ...backEnd,
    ...state('`closed`, `open`, `halfOpen`'),
  }),
  // Alerts
  alerts_active: gauge('Open alerts.', {
    kind: 'of `docs/runbooks/`',
    severity: '`info`, `warning`, `critical`',
  }),
  alert_notices: gauge('Messages in the outbox and in its history, which is bounded.', {
    channel: 'name of the channel',
    status: '`queued`, `sent`, `refused`, `expired`, `dropped`',
  }),
  alert_channel_failures: gauge('Failures in a row of a channel.', { channel: 'name of the channel' }),
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof metricCatalogue;
export const metricNames = Object.keys(metricCatalogue) as readonly MetricName[];

/** Every name that a scrape shows: a histogram has three. */
export const exposedNames: readonly string[] = metricNames.flatMap((name) => {
  const full = `${metricPrefix}${name}`;
  return metricCatalogue[name].type === 'histogram'
    ? [`${full}_bucket`, `${full}_sum`, `${full}_count`]
    : [full];
});
