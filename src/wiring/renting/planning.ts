import type { Config } from '../../config/config.ts';
import type { ServiceContext } from '../../machines/service.ts';
import { pocVersion, type PocVersion } from '../../policy/poc-version.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Runtime } from '../../runtime/interface.ts';
import { sqliteRentals } from '../../runtime/sqlite-rentals.ts';
import type { SqliteStore } from '../../runtime/sqlite-store.ts';
import type { MicroUsd, UnixMs } from '../../units.ts';
import type { Log } from '../log.ts';
import type { Neighbours } from '../neighbours.ts';
import { createNetworkKnowledge, type NetworkKnowledge } from '../chain/network-knowledge.ts';
import { createPlanner, type Planner } from './planner.ts';
import { createRentalMemory, type RentalMemory } from './rental-memory.ts';
import { serviceRow } from '../row-names.ts';
import { bookedToday, spendingLeft } from './spending.ts';

export interface PlanningOptions {
  readonly config: Config;
  readonly store: Pick<SqliteStore, 'database' | 'meta'>;
  readonly clock: Clock;
  readonly neighbours: Pick<Neighbours, 'chain' | 'networkNode' | 'governance'>;
  readonly rows: Runtime;
  readonly log: Log;
  /** Something that a plan depends on is known now. */
  onChange(): void;
}

/** Everything that plans and choices are made of, beside the chain's head. */
export interface Planning {
  readonly memory: RentalMemory;
  readonly knowledge: NetworkKnowledge;
  readonly planner: Planner;
  pocVersion(): PocVersion;
  /** What the caps leave for one more rental of that epoch row that lasts until then. */
  budgetLeft(owner: string, until: UnixMs): MicroUsd;
  /** Booked on this UTC day. */
  today(): ReturnType<typeof bookedToday>;
  stop(): void;
}

export function createPlanning(options: PlanningOptions): Planning {
  const { config, store, clock, neighbours, rows, log } = options;
  const memory = createRentalMemory({
    rows,
    table: sqliteRentals(store.database),
    image: config.vast.image,
    imageGb: config.machineModel.imageGb,
  });
  const knowledge = createNetworkKnowledge({
    chain: neighbours.chain,
    networkNode: neighbours.networkNode,
    nodeId: config.node.id,
    model: config.model,
    governance: neighbours.governance,
    meta: store.meta,
    clock,
    log,
    onChange: () => options.onChange(),
  });
  const version = (): PocVersion =>
    pocVersion({
      forced: config.machineModel.pocVersion,
      called: (rows.row(serviceRow)?.context as ServiceContext | undefined)?.calledPocVersion ?? null,
      isV2Enabled: knowledge.isPocV2Enabled,
      isV2Polled: (rows.row(serviceRow)?.context as ServiceContext | undefined)?.isPocV2Polled ?? false,
    }).version;
  const spending = () => ({ rows, rentals: memory.all, now: clock.now() });
  return {
    memory,
    knowledge,
    planner: createPlanner({ config, clock, memory, knowledge, pocVersion: version }),
    pocVersion: version,
    budgetLeft: (owner, until) => spendingLeft(spending(), config, owner, until),
    today: () => bookedToday(spending()),
    stop: () => {
      memory.stop();
      knowledge.stop();
    },
  };
}
