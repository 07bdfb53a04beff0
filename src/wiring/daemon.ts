import type { FastifyBaseLogger } from 'fastify';
import { chainClockMachine } from '../machines/chain-clock.ts';
import { epochMachine } from '../machines/epoch.ts';
import type { LeaseContext } from '../machines/lease-context.ts';
import { leaseMachine } from '../machines/lease.ts';
import { reconcilerMachine } from '../machines/reconciler.ts';
import { participantMachine } from '../machines/participant.ts';
import { registrationMachine } from '../machines/registration.ts';
import { serviceMachine } from '../machines/service.ts';
import { tunnelMachine } from '../machines/tunnel.ts';
import { upstreamMachine } from '../machines/upstream.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../runtime/clock.ts';
import { createRuntime } from '../runtime/durable-runtime.ts';
import type { Chart, Effects, Runtime, RuntimeReport } from '../runtime/interface.ts';
import { createSqliteOutbox } from '../runtime/sqlite-outbox.ts';
import { createMemoryStore } from '../runtime/memory-store.ts';
import type { SqliteStore } from '../runtime/sqlite-store.ts';
import type { Outbox } from '../runtime/outbox.ts';
import { createCallbackPost, type CallbackPost } from './callback-post.ts';
import {
  type ChainFollower,
  chainClockInput,
  createChainClockEffects,
  createChainFollower,
} from './chain-follower.ts';
import { createEpochEffects } from './epoch-effects.ts';
import { createLeaseEffects } from './lease-effects.ts';
import { createLifeLine, type LifeLine } from './life-line.ts';
import type { Log } from './log.ts';
import { createMachineRoom, type MachineRoom } from './machine-room.ts';
import type { Neighbours } from './neighbours.ts';
import { createParticipantEffects } from './participant-effects.ts';
import { createReconcilerEffects } from './reconciler-effects.ts';
import { createRegistrationEffects, nodeDefinition } from './registration-effects.ts';
import {
  chainClockRow,
  leaseRow,
  participantRow,
  reconcilerRow,
  registrationRow,
  serviceRow,
} from './row-names.ts';
import { createServiceDesk, type ServiceDesk } from './service-desk.ts';
import { spendingLeft } from './spending.ts';

/** The journal is trimmed a piece at a time. */
const prunePauseMs = 3_600_000;

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

export const charts = {
  epoch: { machine: epochMachine, version: 1, moneyActors: [] },
  lease: { machine: leaseMachine, version: 1, moneyActors: ['createInstance', 'destroyInstance'] },
  service: { machine: serviceMachine, version: 1, moneyActors: [] },
  registration: { machine: registrationMachine, version: 1, moneyActors: [] },
  reconciler: { machine: reconcilerMachine, version: 1, moneyActors: ['destroyOrphans'] },
} as const satisfies Record<string, Chart>;

export const volatileCharts = {
  chainClock: { machine: chainClockMachine, version: 1, moneyActors: [] },
  tunnel: { machine: tunnelMachine, version: 1, moneyActors: [] },
  participant: { machine: participantMachine, version: 1, moneyActors: [] },
  upstream: { machine: upstreamMachine, version: 1, moneyActors: [] },
} as const satisfies Record<string, Chart>;

export function createDaemon(options: DaemonOptions): Daemon {
  const { config, store, clock, neighbours, log } = options;
  const outbox = createSqliteOutbox(store.database);
  const report = reporter(log);
  const volatileStore = createMemoryStore();
  const renting = { isStopped: false };

  const room = createMachineRoom({
    neighbours,
    mlnodePort: config.mlnodePort,
    receiver: (leaseId) => post.receiver(leaseId),
    lease: (leaseId) => rows.row(leaseRow(leaseId))?.context as LeaseContext | undefined,
  });
  const lifeLine = createLifeLine({ room, clock, ttlMs: config.leaseTtlMs, log });
  const rows = createRuntime({
    store,
    clock,
    report,
    charts,
    effects: {
      epoch: createEpochEffects({
        config,
        deploymentId: options.deploymentId,
        clock,
        vast: neighbours.vast,
        ssh: neighbours.ssh,
        outbox,
        height: async (signal) => (await follower.whenFollowing(signal)).height,
        budgetLeft: (owner) => spendingLeft(rows, config, owner, clock.now()),
        mayRent: (signal) => (renting.isStopped ? untilAborted(signal) : Promise.resolve()),
        ...(options.random === undefined ? {} : { random: options.random }),
      }),
      lease: createLeaseEffects({ config, clock, vast: neighbours.vast, room, lifeLine, log }),
      service: {},
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
  const follower = createChainFollower({ config, rows, clockRows: volatileRows });
  const desk = createServiceDesk({
    rows,
    room,
    clock,
    log,
    expectedModel: config.model,
    callbackUrl: config.networkNode.callbackUrl,
    isInferenceHealthy: () => options.isInferenceHealthy(),
  });
  const post = createCallbackPost({
    rows,
    outbox,
    desk,
    clock,
    log,
    networkNode: neighbours.networkNode,
    follower,
  });

  let pruning: unknown;
  const prune = (): void => {
    store.prune(clock.now());
    pruning = clock.setTimeout(prune, prunePauseMs, 'daemon.prune');
  };

  return {
    rows,
    volatileRows,
    desk,
    follower,
    room,
    lifeLine,
    post,
    outbox,
    start: () => {
      volatileRows.start();
      rows.start();
      rows.open('service', serviceRow, {});
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
      desk.close();
      follower.stop();
      await post.deliverer.stop(5_000);
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
