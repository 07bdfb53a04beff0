import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ReverseReceiver } from '../../adapters/ssh/interface.ts';
import type { Config } from '../../config/config.ts';
import type { LeaseContext } from '../../machines/lease-context.ts';
import type { Clock } from '../../runtime/clock.ts';
import { createRuntime } from '../../runtime/durable-runtime.ts';
import type { Runtime } from '../../runtime/interface.ts';
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
  readonly rows: Runtime;
  readonly room: MachineRoom;
  readonly lifeLine: LifeLine;
  /** Who answers what the machines post; until then it is refused. */
  receive(receiver: ReverseReceiver): void;
  stop(): Promise<void>;
}

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
  // The PoC that is rehearsed is the first version's, which needs no model.
  const pocVersion = () => 'v1' as const;
  const { networkNode } = neighbours;
  const work = createMachineWork({ config, clock, room, networkNode, log, pocVersion, rows: () => rows });
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
  volatileRows.start();
  rows.start();
  rows.open('reconciler', reconcilerRow, {});
  return {
    rows,
    room,
    lifeLine,
    receive: (next) => {
      receiver = next;
    },
    stop: async () => {
      await rows.stop();
      await volatileRows.stop();
      volatileStore.close();
      store.close();
      lock.release();
    },
  };
}
