import { pino } from 'pino';
import type { ChainHead } from '../../src/adapters/chain/interface.ts';
import type { CreateRequest, Offer } from '../../src/adapters/vast/interface.ts';
import type { Config } from '../../src/config/config.ts';
import { openSqliteStore, type SqliteStore } from '../../src/runtime/sqlite-store.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import {
  blockCount,
  blockHeight,
  megabytes,
  microUsdPerHourOfDollars,
  milliseconds,
  unixMs,
} from '../../src/units.ts';
import { createDaemon, type Daemon } from '../../src/wiring/daemon.ts';
import type { Neighbours } from '../../src/wiring/neighbours.ts';
import type { Place } from './place.ts';

export const startAt = 1_800_000_000_000;

/** A daemon under a clock that stands still, among neighbours of whom none answers; what is ordered is written down. */
export interface QuietDaemon {
  readonly daemon: Daemon;
  readonly clock: VirtualClock;
  readonly store: SqliteStore;
  readonly orders: CreateRequest[];
}

const never = (): Promise<never> => new Promise(() => undefined);

export function daemonOf(config: Config, place: Place): QuietDaemon {
  const clock = new VirtualClock(startAt);
  const store = openSqliteStore(':memory:');
  const orders: CreateRequest[] = [];
  const neighbours = {
    chain: { head: never, params: never, knowsAccount: never },
    vast: {
      list: never,
      ensureSshKey: () => Promise.resolve(),
      create: (order: CreateRequest) => {
        orders.push(order);
        return never();
      },
    },
    ssh: { publicKey: () => 'ssh-ed25519 AAAA', connect: never },
    networkNode: { nodes: never, upsert: never, deliver: never },
    backEnds: [],
    mlnode: () => ({}),
  } as unknown as Neighbours;
  const daemon = createDaemon({
    config,
    deploymentId: 'knobs',
    store,
    clock,
    neighbours,
    log: pino({ level: 'silent' }),
    isInferenceHealthy: () => true,
    random: () => 0.5,
  });
  place.onEnd(async () => {
    await daemon.stop();
    store.close();
  });
  return { daemon, clock, store, orders };
}

/** Lets effects begin that wait for the end of a step. */
export const lookAgain = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const stagesFrom = (epochIndex: number, start: number) => ({
  epochIndex,
  pocStartHeight: blockHeight(start),
  pocGenerationWindDownHeight: blockHeight(start + 50),
  pocGenerationEndHeight: blockHeight(start + 60),
  pocValidationStartHeight: blockHeight(start + 65),
  pocValidationWindDownHeight: blockHeight(start + 180),
  pocValidationEndHeight: blockHeight(start + 185),
  setNewValidatorsHeight: blockHeight(start + 187),
  nextPocStartHeight: blockHeight(start + 15_391),
  exchangeStartHeight: blockHeight(start),
  exchangeEndHeight: blockHeight(start + 65),
});

/** In mid-epoch on a network like today's. */
export const head: ChainHead = {
  height: blockHeight(2_090_000),
  seenAt: unixMs(startAt),
  phase: 'Inference',
  latestEpochIndex: 136,
  current: stagesFrom(136, 2_089_200),
  next: stagesFrom(137, 2_089_200 + 15_391),
  epochLength: blockCount(15_391),
  isConfirmationPocActive: false,
};

export const blockTimeMs = milliseconds(5_350);

export const offer: Offer = {
  offerId: 1,
  machineId: 2,
  hostId: 3,
  gpuName: 'RTX 4090',
  gpuCount: 2,
  gpuRamMb: megabytes(24_564),
  gpuTotalRamMb: megabytes(49_128),
  price: microUsdPerHourOfDollars(0.7),
  gpuPrice: microUsdPerHourOfDollars(0.68),
  diskPrice: microUsdPerHourOfDollars(0.02),
  inetDownMbps: 10_000,
  inetDownUsdPerGb: 0.001,
  inetUpUsdPerGb: 0.01,
  reliability: 0.99,
  cudaMax: 13,
  geolocation: 'Oslo, NO',
};
