import type { FastifyBaseLogger } from 'fastify';
import type { LeaseContext } from '../machines/lease-context.ts';
import type { Config } from '../config/config.ts';
import { toFault } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import { createRuntime } from '../runtime/durable-runtime.ts';
import type { Effects, Runtime, RuntimeReport } from '../runtime/interface.ts';
import { createSqliteCallbackSamples } from '../runtime/sqlite-callback-samples.ts';
import { createSqliteOutbox } from '../runtime/sqlite-outbox.ts';
import { createSqliteValidationBatches } from '../runtime/sqlite-validation-batches.ts';
import { createMemoryStore } from '../runtime/memory-store.ts';
import type { SqliteStore } from '../runtime/sqlite-store.ts';
import { steadyClock } from '../runtime/steady-clock.ts';
import type { Outbox } from '../runtime/outbox.ts';
import { createCallbackPost, type CallbackPost } from './poc/callback-post.ts';
import { createCallbackTally } from './poc/callback-tally.ts';
import {
  type ChainFollower,
  chainClockInput,
  createChainClockEffects,
  createChainFollower,
} from './chain/chain-follower.ts';
import { createEpochEffects } from './renting/epoch-effects.ts';
import { createLeaseEffects } from './renting/lease-effects.ts';
import { charts, volatileCharts } from './charts.ts';
import { createMachineWork } from './machine/machine-work.ts';
import { createNodeDesk } from './poc/node-desk.ts';
import { createPocV2Desk } from './poc/poc-v2-desk.ts';
import { createConfirmationWatch } from './chain/confirmation-watch.ts';
import { createLifeLine, type LifeLine } from './machine/life-line.ts';
import type { Log } from './log.ts';
import { createMachineRoom, type MachineRoom } from './machine/machine-room.ts';
import type { Neighbours } from './neighbours.ts';
import { createPlanning, type Planning } from './renting/planning.ts';
import { createParticipantEffects } from './poc/participant-effects.ts';
import { createReconcilerEffects } from './renting/reconciler-effects.ts';
import { createRegistrationEffects, nodeDefinition } from './registration/registration-effects.ts';
import {
  chainClockRow,
  confirmationRow,
  leaseRow,
  participantRow,
  reconcilerRow,
  registrationRow,
  serviceRow,
} from './row-names.ts';
import { createServiceDesk, type ServiceDesk } from './poc/service-desk.ts';
import { createStoreOutage } from './store-outage.ts';

export { charts, volatileCharts } from './charts.ts';

/** The journal is trimmed a piece at a time. */
const prunePauseMs = 3_600_000;
/** Longer than a clock is wrong by that was set by hand; so much more a halted chain may cost after a restart. */
const ceilingGraceMs = 45 * 60_000;

export interface DaemonOptions {
  readonly config: Config;
  readonly deploymentId: string;
  readonly store: SqliteStore;
  readonly clock: Clock;
  readonly neighbours: Neighbours;
  readonly log: Log & FastifyBaseLogger;
  /** Effects of the breakers of inference back ends. @default none: no such row is ever opened */
  readonly upstreamEffects?: Effects;
  /**
   * Calls this daemon at the address that it registers; rejects with REGISTRATION_UNREACHABLE, and then nothing is
   * registered. @default resolves: a daemon without listeners, as in a simulation
   */
  readonly reachSelf?: (signal: AbortSignal) => Promise<void>;
  /** Whether the upstream serves our model, as last seen. */
  isInferenceHealthy(): boolean;
  /** In [0, 1). Default Math.random; a simulation gives a seeded one. */
  readonly random?: () => number;
}

/** The orchestrator without its listeners: rows, effects, and what the servers need of them. */
export interface Daemon {
  /** Durable rows: epochs, leases, service, registration. */
  readonly rows: Runtime;
  /** Rows in memory: chain clock, tunnels, breakers of back ends. */
  readonly volatileRows: Runtime;
  readonly desk: ServiceDesk;
  readonly follower: ChainFollower;
  /** What plans are made of: boot history, machine memory, what is known of the network, the ledger. */
  readonly planning: Planning;
  readonly room: MachineRoom;
  readonly lifeLine: LifeLine;
  readonly post: CallbackPost;
  readonly outbox: Outbox;
  start(): void;
  /** Makes the node known to the Network Node, which then calls at once: not before the gateway listens. */
  register(): void;
  /** From now on nothing is rented; the next start goes on where this one stopped. */
  stopRenting(): void;
  /** Aborts all work and closes tunnels. The caller closes the store. */
  stop(): Promise<void>;
}

export function createDaemon(options: DaemonOptions): Daemon {
  const { config, store, neighbours, log } = options;
  const clock = steadyClock(options.clock, store);
  neighbours.chain.keepHeadIn?.(store.meta);
  const tally = createCallbackTally({
    outbox: createSqliteOutbox(store.database),
    samples: createSqliteCallbackSamples(store.database),
    clock,
    timeScale: config.timeScale,
    log,
  });
  const { outbox } = tally;
  const report = reporter(log);
  const volatileStore = createMemoryStore();
  const renting = { isStopped: false };

  const room = createMachineRoom({
    neighbours,
    mlnodePort: config.mlnodePort,
    receiver: (leaseId) => work.receiver(leaseId, post.receiver(leaseId)),
    lease: (leaseId) => rows.row(leaseRow(leaseId))?.context as LeaseContext | undefined,
  });
  const lifeLine = createLifeLine({ room, clock, ttlMs: config.leaseTtlMs, log });
  const work = createMachineWork({
    config,
    clock,
    room,
    networkNode: neighbours.networkNode,
    log,
    rows: () => rows,
    pocVersion: () => planning.pocVersion(),
    governance: neighbours.governance,
  });
  const rows = createRuntime({
    store,
    clock,
    ceilingGraceMs,
    report: { ...report, storeFailing: (fault) => outage.storeFailing(fault) },
    charts,
    effects: {
      epoch: createEpochEffects({
        config,
        deploymentId: options.deploymentId,
        clock,
        vast: neighbours.vast,
        ssh: neighbours.ssh,
        outbox,
        rows: () => rows,
        planning: () => planning,
        height: async (signal) => (await follower.whenFollowing(signal)).height,
        mayRent: (signal) => (renting.isStopped ? untilAborted(signal) : Promise.resolve()),
        ...(options.random === undefined ? {} : { random: options.random }),
      }),
      lease: createLeaseEffects({ config, clock, vast: neighbours.vast, room, lifeLine, work, log }),
      service: {},
      confirmation: {},
      reconciler: createReconcilerEffects({
        vast: neighbours.vast,
        deploymentId: options.deploymentId,
        log,
        leases: () => rows.rows({ chart: 'lease' }),
      }),
      registration: createRegistrationEffects(
        neighbours.networkNode,
        nodeDefinition(config),
        options.reachSelf ?? (() => Promise.resolve()),
      ),
    },
  });
  const volatileRows = createRuntime({
    store: volatileStore,
    clock,
    report,
    charts: volatileCharts,
    effects: {
      chainClock: createChainClockEffects(neighbours.chain),
      tunnel: room.tunnelEffects,
      participant: createParticipantEffects(neighbours.chain, log),
      upstream: options.upstreamEffects ?? {},
    },
  });
  room.attach(volatileRows);
  const planning = createPlanning({
    config,
    store,
    clock,
    neighbours,
    rows,
    log,
    onChange: () => follower.replan(),
  });
  const follower = createChainFollower({ config, rows, clockRows: volatileRows, planning });
  const service = createServiceDesk({
    rows,
    room,
    clock,
    log,
    expectedModel: config.model,
    callbackUrl: config.networkNode.callbackUrl,
    fleetWidth: config.rental.fleetWidth,
    batches: createSqliteValidationBatches(store.database),
    nonces: () => new Map(post.books().map((one) => [one.leaseId, one.deliveredNonces + one.queuedNonces])),
    isInferenceHealthy: () => options.isInferenceHealthy(),
  });
  const { callbackUrl } = config.networkNode;
  const pocV2 = createPocV2Desk({ rows, room, clock, log, callbackUrl });
  const desk = createNodeDesk({ rows, service, pocV2, callbackUrl });
  const post = createCallbackPost({
    rows,
    outbox,
    desk,
    clock,
    log,
    networkNode: neighbours.networkNode,
    follower,
  });

  const outage = createStoreOutage({
    rows,
    vast: neighbours.vast,
    clock,
    log,
    height: () => follower.head()?.height,
  });

  const confirmations = createConfirmationWatch({
    rows,
    clockRows: volatileRows,
    head: () => follower.head(),
    room,
    outbox,
  });

  let pruning: unknown;
  const prune = (): void => {
    try {
      store.prune(clock.now());
    } catch (error) {
      log.warn({ fault: toFault(error) }, 'store.not_pruned');
    }
    pruning = clock.setTimeout(prune, prunePauseMs, 'daemon.prune');
  };

  return {
    rows,
    volatileRows,
    desk,
    follower,
    planning,
    room,
    lifeLine,
    post,
    outbox,
    start: () => {
      volatileRows.start();
      rows.start();
      rows.open('service', serviceRow, {});
      rows.open('confirmation', confirmationRow, {});
      desk.start();
      volatileRows.open('chainClock', chainClockRow, chainClockInput(config));
      const { hostAddress: address } = config.chain;
      if (address !== undefined) volatileRows.open('participant', participantRow, { address });
      if (config.rental.policy !== 'off') rows.open('reconciler', reconcilerRow, {});
      post.deliverer.wake();
      prune();
    },
    register: () => {
      if (config.registration === 'on') rows.open('registration', registrationRow, {});
    },
    stopRenting: () => {
      renting.isStopped = true;
    },
    stop: async () => {
      clock.clearTimeout(pruning);
      confirmations.stop();
      outage.close();
      desk.close();
      follower.stop();
      planning.stop();
      await post.deliverer.stop(5_000);
      tally.stop();
      await rows.stop();
      await volatileRows.stop();
      volatileStore.close();
    },
  };
}

function reporter(log: Log): RuntimeReport {
  return {
    parked: (rowId, event, fault) => log.error({ rowId, event: event.type, fault }, 'row.parked'),
    late: (intentId) => log.warn({ intentId }, 'intent.late'),
  };
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    else signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
