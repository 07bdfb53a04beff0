import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ReverseReceiver } from '../../adapters/ssh/interface.ts';
import type { Config } from '../../config/config.ts';
import type { LeaseContext } from '../../machines/lease-context.ts';
import type { Clock } from '../../runtime/clock.ts';
import { createRuntime } from '../../runtime/durable-runtime.ts';
import type { Runtime } from '../../runtime/interface.ts';
import { toFault } from '../../errors.ts';
import { lockStateDir } from '../../runtime/lock.ts';
import { createMemoryStore } from '../../runtime/memory-store.ts';
import { openSqliteStore } from '../../runtime/sqlite-store.ts';
import { charts, volatileCharts } from '../daemon.ts';
import { createLeaseEffects } from '../renting/lease-effects.ts';
import { createLifeLine, type LifeLine } from '../machine/life-line.ts';
import type { Log } from '../log.ts';
import { createMachineRoom, type MachineRoom } from '../machine/machine-room.ts';
import { createMachineWork } from '../machine/machine-work.ts';
import type { Neighbours } from '../neighbours.ts';
import { createPlanning, type Planning } from '../renting/planning.ts';
import { createReconcilerEffects } from '../renting/reconciler-effects.ts';
import { leaseRow, reconcilerRow } from '../row-names.ts';

export interface RehearsalHouseOptions {
  readonly config: Config;
  /** Of the rehearsal: never the daemon's own, whose reconciler would destroy what it does not know. */
  readonly deploymentId: string;
  readonly clock: Clock;
  readonly neighbours: Neighbours;
  readonly log: Log;
}

/** The daemon's own lease chart, tunnels and life line, without its plans: what rents for a rehearsal. */
export interface RehearsalHouse {
  readonly clock: Clock;
  /** As the daemon's, with the memory of rehearsals. */
  readonly planning: Planning;
  /** Asks chain, Network Node and governance what the daemon asks them once an epoch; none of them has to answer. */
  askNetwork(signal: AbortSignal): Promise<void>;
  readonly rows: Runtime;
  readonly room: MachineRoom;
  readonly lifeLine: LifeLine;
  /** Who answers what the machines post; until then it is refused. */
  receive(receiver: ReverseReceiver): void;
  stop(): Promise<void>;
}

/** Of all that is asked of the network together, real milliseconds. */
const networkLimitMs = 20_000;

const nobody: ReverseReceiver = () => Promise.resolve({ status: 400, body: '' });

/**
 * Opens the rehearsal's own store below STATE_DIR, so that a rehearsal that was killed is known to the next one.
 * Throws STORE_LOCKED while another rehearsal runs, STORE_BROKEN.
 */
export function openRehearsalHouse({
  config,
  deploymentId,
  clock,
  neighbours,
  log,
}: RehearsalHouseOptions): RehearsalHouse {
  const dir = join(config.stateDir, 'rehearsal');
  const lock = lockStateDir(dir);
  mkdirSync(dir, { recursive: true });
  const store = openSqliteStore(join(dir, 'hybrid.sqlite'));
  const volatileStore = createMemoryStore();
  let receiver = nobody;
  const { vast } = neighbours;
  const room = createMachineRoom({
    neighbours,
    mlnodePort: config.mlnodePort,
    receiver: (leaseId) => work.receiver(leaseId, (request) => receiver(request)),
    lease: (leaseId) => rows.row(leaseRow(leaseId))?.context as LeaseContext | undefined,
  });
  const lifeLine = createLifeLine({ room, clock, ttlMs: config.leaseTtlMs, log });
  const { networkNode, governance } = neighbours;
  const work = createMachineWork({
    config,
    clock,
    room,
    networkNode,
    governance,
    log,
    pocVersion: () => planning.pocVersion(),
    rows: () => rows,
  });
  const report = { parked: () => undefined, late: () => undefined };
  const rows = createRuntime({
    store,
    clock,
    report,
    charts: { lease: charts.lease, reconciler: charts.reconciler },
    effects: {
      lease: createLeaseEffects({ config, clock, vast, room, lifeLine, work, log }),
      reconciler: createReconcilerEffects({
        vast,
        deploymentId,
        log,
        leases: () => rows.rows({ chart: 'lease' }),
      }),
    },
  });
  const volatileRows = createRuntime({
    store: volatileStore,
    clock,
    report,
    charts: { tunnel: volatileCharts.tunnel },
    effects: { tunnel: room.tunnelEffects },
  });
  room.attach(volatileRows);
  const settled = Promise.withResolvers<void>();
  const onChange = (): void => settled.resolve();
  const planning = createPlanning({ config, store, clock, neighbours, rows, log, onChange });
  volatileRows.start();
  rows.start();
  rows.open('reconciler', reconcilerRow, {});
  return {
    clock,
    planning,
    askNetwork: async (signal) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(networkLimitMs)]);
      try {
        planning.knowledge.onHead(await neighbours.chain.head(limit), true);
        await orAborted(settled.promise, limit);
      } catch (error) {
        if (signal.aborted) throw error;
        log.warn({ fault: toFault(error) }, 'rehearsal.network_unknown');
      }
    },
    rows,
    room,
    lifeLine,
    receive: (next) => {
      receiver = next;
    },
    stop: async () => {
      planning.stop();
      await rows.stop();
      await volatileRows.stop();
      volatileStore.close();
      store.close();
      lock.release();
    },
  };
}

function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abandon = (): void => reject(signal.reason as Error);
    if (signal.aborted) return abandon();
    signal.addEventListener('abort', abandon, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
  });
}
