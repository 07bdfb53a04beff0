import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { createChannels } from '../adapters/notify/index.ts';
import { createOfetchTransport } from '../adapters/ofetch-transport.ts';
import type { Config } from '../config/config.ts';
import { HybridError, toFault } from '../errors.ts';
import type { LeaseContext } from '../machines/lease-context.ts';
import type { Clock } from '../runtime/clock.ts';
import { lockStateDir } from '../runtime/lock.ts';
import { createSqliteHistory } from '../runtime/sqlite-history.ts';
import { openSqliteStore, type SqliteStore } from '../runtime/sqlite-store.ts';
import { createSqliteUsage } from '../runtime/sqlite-usage.ts';
import { createSystemClock } from '../runtime/system-clock.ts';
import { gatewayLimits } from '../server/gateway.ts';
import { newInferenceCounters } from '../server/inference/counters.ts';
import { createInspection } from '../server/inspection/inspection.ts';
import { createSelfProbes } from '../server/self-probes.ts';
import { createDaemonAlerts } from './alerts/of-daemon.ts';
import { type BackEnds, createBackEnds } from './gateway/back-ends.ts';
import { createChargesWatch } from './renting/charges-watch.ts';
import { createDaemon, type Daemon } from './daemon.ts';
import { deploymentId } from './deployment-id.ts';
import { createGatewayListeners } from './gateway/gateway-listeners.ts';
import { tellFleetRefusals } from './poc/fleet-refusal.ts';
import { createHttpNeighbours } from './http-neighbours.ts';
import { createInferenceDesk } from './gateway/inference-desk.ts';
import { createInspectionView } from './inspection/view.ts';
import type { Log } from './log.ts';
import { createDaemonMetrics } from './metrics/metrics.ts';
import { createPlanView } from './renting/plan-view.ts';
import { createOperatorOrders } from './renting/operator-orders.ts';
import { createReachSelf } from './registration/reach-self.ts';
import { nodeDefinition } from './registration/registration-effects.ts';
import { createRentedBackEnd, rentedName, rentedPrice } from './gateway/rented-back-end.ts';
import { type LeftMachine, openLeases, releaseAll } from './renting/release-all.ts';
import { TokenTotals } from './gateway/token-totals.ts';
import { TrafficBook } from './gateway/traffic-book.ts';
import { createUsageAccountant, type UsageAccountant } from './gateway/usage-accountant.ts';

/** Real milliseconds within which a stop without `--keep` proves every machine gone or names it. */
export const stopLimitMs = 50_000;
/** Real milliseconds that a listener's running requests have to end at a stop; then their connections are cut. */
const drainLimitMs = 1_000;

/** Of the last renewal of a machine that is kept, real milliseconds. */
const renewLimitMs = 5_000;

export interface StopReport {
  /** Machines that this stop returned, each proven gone. */
  readonly returned: readonly LeftMachine[];
  /** Machines that could not be proven gone. */
  readonly left: readonly LeftMachine[];
  /** Machines left running on purpose, with the instant (daemon's clock) at which they destroy themselves. */
  readonly kept: readonly {
    readonly leaseId: string;
    readonly instanceId: number | null;
    readonly ttlUntil: number | null;
  }[];
}

/** A daemon with its listeners, store and lock: what `start` runs. */
export interface DaemonProcess {
  readonly daemon: Daemon;
  readonly deploymentId: string;
  /** True when DEPLOYMENT_ID stands in the store only: a lost store would not know its machines. */
  readonly isDeploymentUnsaved: boolean;
  /** Of the management API, and of inference unless INFERENCE_PORT is set. */
  readonly gatewayUrl: string;
  readonly inferenceUrl: string;
  readonly inspectionUrl: string;
  stop(options: { keep: boolean }): Promise<StopReport>;
}

/**
 * Brings everything up in the order in which it may be needed: lock, store, rows, then listeners, then the work.
 * Throws STORE_LOCKED, STORE_BROKEN, STORE_TOO_NEW, DEPLOYMENT_MISMATCH, PORT_IN_USE, SSH_KEY_UNREADABLE, and what
 * the inference API says of key and model. `meet` makes the neighbours; tests give sabotaged ones.
 */
export async function startDaemonProcess(
  config: Config,
  log: Log & FastifyBaseLogger,
  meet: typeof createHttpNeighbours = createHttpNeighbours,
): Promise<DaemonProcess> {
  const lock = lockStateDir(config.stateDir);
  const releases: (() => unknown)[] = [() => lock.release()];
  try {
    mkdirSync(config.stateDir, { recursive: true });
    const store = openSqliteStore(join(config.stateDir, 'hybrid.sqlite'));
    releases.unshift(() => store.close());
    const deployment = deploymentId(store.meta, config.deploymentId);
    const clock = createSystemClock({
      scale: config.timeScale,
      ...(config.timeScale === 1 ? {} : { originMs: config.timeOriginMs }),
    });
    const neighbours = meet(config, clock);
    if (config.rental.policy !== 'off') neighbours.ssh.publicKey();
    const traffic = new TrafficBook();
    const met = neighbours.backEnds.map((each) => ({ ...each, upstream: traffic.timed(each.upstream) }));
    const backEnds = createBackEnds({ config, met, clock, meta: store.meta, log });
    await checkUpstream((signal) => backEnds.check(signal), log);

    const probes = createSelfProbes();
    const listening = Promise.withResolvers<void>();
    const daemon = createDaemon({
      config,
      deploymentId: deployment.id,
      store,
      clock,
      neighbours,
      log,
      upstreamEffects: backEnds.effects,
      isInferenceHealthy: () => isInferenceHealthy(),
      reachSelf: createReachSelf({
        definition: nodeDefinition(config),
        probes,
        transport: createOfetchTransport(),
        listening: listening.promise,
      }),
    });
    releases.unshift(tellFleetRefusals(config, daemon, log));
    const rented = createRentedBackEnd({ config, ...daemon, clock });
    const isInferenceHealthy = (): boolean => backEnds.isHealthy() || rented.isServing();
    releases.unshift(() => rented.close());
    const counters = newInferenceCounters();
    const usage = accountant(config, { store, clock, backEnds, log });
    const { access, node, limits: rules } = config;
    const limits = gatewayLimits({
      maxConcurrent: node.maxConcurrent,
      access,
      limits: rules,
      day: usage.day,
    });
    const chainSources = () => neighbours.chain.sources?.() ?? [];
    const history = createSqliteHistory(store.database);
    const charges = createChargesWatch({ vast: neighbours.vast, history, store, clock, log });
    const shown = { config, daemon, store, clock, counters, traffic, charges, chainSources };
    const view = createInspectionView({ ...shown, upstream: backEnds, usage, limits });
    const alerts = createDaemonAlerts({
      ...shown,
      vast: neighbours.vast,
      channels: createChannels(config.alerts),
      isDeploymentUnsaved: deployment.isUnsaved,
      isInferenceHealthy,
      log,
    });
    const tokens = new TokenTotals([rentedName, ...config.backEnds.map(({ name }) => name)]);
    const metrics = createDaemonMetrics({
      ...shown,
      backEnds,
      isInferenceHealthy,
      day: usage.day,
      tokens,
      alerts,
      committedToday: () => Number(view.extra().money['spentAndReservedTodayMicroUsd']),
    });
    const account: UsageAccountant['account'] = (used) => {
      tokens.add(used);
      usage.account(used);
    };
    const gateways = await createGatewayListeners(config, {
      desk: daemon.desk,
      inference: createInferenceDesk({ config, backEnds: [rented, ...backEnds.all], account }),
      nodeId: config.node.id,
      log,
      counters,
      selfProbes: probes,
      limits,
    });
    const inspection = createInspection({
      ...view,
      orders: createOperatorOrders(config, daemon),
      planning: createPlanView({ config, daemon, clock }),
      metrics,
      notices: alerts,
      log,
      host: config.inspection.host,
      ...(config.inspection.token === undefined ? {} : { token: config.inspection.token }),
    });
    usage.start();
    if (config.rental.policy !== 'off') charges.start();
    releases.unshift(() => charges.stop());
    releases.unshift(() => usage.stop());
    daemon.start();
    releases.unshift(() => daemon.stop());
    backEnds.start(daemon.volatileRows);
    releases.unshift(() => backEnds.stop());
    const gatewayUrls: string[] = [];
    for (const { app, port } of gateways) {
      gatewayUrls.push(await listen(app, config.node.gatewayHost, port));
      releases.unshift(() => closed(app));
    }
    const inspectionUrl = await listen(inspection, config.inspection.host, config.inspection.port);
    releases.unshift(() => closed(inspection));
    listening.resolve();
    daemon.register();
    metrics.start();
    releases.unshift(() => metrics.stop());
    alerts.start();
    releases.unshift(() => alerts.stop());

    return {
      daemon,
      deploymentId: deployment.id,
      isDeploymentUnsaved: deployment.isUnsaved,
      gatewayUrl: gatewayUrls[0] ?? '',
      inferenceUrl: gatewayUrls.at(-1) ?? '',
      inspectionUrl,
      stop: async ({ keep }) => {
        daemon.stopRenting();
        const kept = keep
          ? await Promise.all(openLeases(daemon.rows).map((lease) => renewed(daemon, lease)))
          : [];
        const { left, returned } = keep
          ? { left: [], returned: [] }
          : await releaseAll(daemon.rows, stopLimitMs);
        await undo(releases);
        return { left, returned, kept };
      },
    };
  } catch (error) {
    await undo(releases);
    throw error;
  }
}

/** A machine that is kept gets its whole time to live; one that cannot be reached has what is left of it. */
async function renewed(daemon: Daemon, { leaseId, instanceId, ttlUntil }: LeaseContext) {
  const signal = AbortSignal.timeout(renewLimitMs);
  return { leaseId, instanceId, ttlUntil: (await daemon.lifeLine.renew(leaseId, signal)) ?? ttlUntil };
}

function accountant(
  { timeScale, limits, upstreamFallbackPrice: fallbackPrice }: Config,
  {
    store,
    clock,
    backEnds,
    log,
  }: { store: SqliteStore; clock: Clock; backEnds: Pick<BackEnds, 'priceOf'>; log: Log },
): UsageAccountant {
  const { spendPerDay } = limits;
  return createUsageAccountant({
    ledger: createSqliteUsage(store.database),
    store,
    clock,
    timeScale,
    priceOf: (name, model) => (name === rentedName ? rentedPrice : backEnds.priceOf(name, model)),
    fallbackPrice,
    ...(spendPerDay === undefined ? {} : { spendPerDay }),
    log,
  });
}

/** An answer that says our key or model is wrong ends the start; an outage does not: PoC must go on without inference. */
async function checkUpstream(check: (signal: AbortSignal) => Promise<void>, log: Log): Promise<void> {
  try {
    await check(new AbortController().signal);
  } catch (error) {
    const fault = toFault(error);
    if (fault.class === 'operator') throw error;
    log.warn({ fault }, 'upstream.unreachable_at_start');
  }
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw error;
    throw new HybridError(
      { code: 'PORT_IN_USE', message: `cannot listen on ${host}:${port} (${code})` },
      { cause: error },
    );
  }
}

/** A caller that never ends its request must not hold the stop. */
async function closed(app: FastifyInstance): Promise<void> {
  const limit = setTimeout(() => app.server.closeAllConnections(), drainLimitMs);
  await app.close();
  clearTimeout(limit);
}

async function undo(releases: readonly (() => unknown)[]): Promise<void> {
  for (const release of releases) await release();
}
