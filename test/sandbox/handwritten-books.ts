import type {
  CallbackBook,
  EpochFigures,
  InstanceBook,
  MachineBook,
  NetworkNodeBooks,
  PocBook,
  TownBooks,
} from '../../src/figures/books.ts';

/** `poc_start` of the one PoC in these books. */
export const pocStartHeight = 1_000;

/** Windows: generated 100 s … 460 s, validated 500 s … 1 100 s. */
export const epochBook = (given: Partial<EpochFigures> = {}): EpochFigures => ({
  epochIndex: 1,
  pocStartHeight,
  verdict: 'completed',
  noncesAccepted: 3,
  noncesDuplicate: 0,
  noncesOutOfClass: 0,
  validationsDue: 2,
  validationsDelivered: 2,
  windows: {
    generated: { openedAtMs: 100_000, closedAtMs: 460_000 },
    validated: { openedAtMs: 500_000, closedAtMs: 1_100_000 },
  },
  ...given,
});

export const callbackBook = (given: Partial<CallbackBook> = {}): CallbackBook => ({
  kind: 'generated',
  looseHash: 'batch',
  ackedAt: 200_000,
  ...given,
});

export const machineBook = (given: Partial<PocBook> = {}, instanceId = 1): MachineBook => ({
  instanceId,
  mlnode: {
    pocs: [
      {
        blockHeight: pocStartHeight,
        nonces: [1, 2, 3, 4],
        postedNonces: [1, 2, 3],
        modelLoads: 1,
        callbacks: [],
        ...given,
      },
    ],
  },
});

/** Created at 0, runs from 50 s until 1 110 s. */
export const instanceBook = (given: Partial<InstanceBook> = {}): InstanceBook => ({
  instanceId: 1,
  label: 'ghm:books:1:1',
  createdAt: 0,
  runningAt: 50_000,
  destroyedAt: 1_110_000,
  gpuSeconds: 1_060,
  costUsd: 0.5,
  ...given,
});

export interface HandwrittenBooks {
  readonly epochs?: readonly EpochFigures[];
  readonly machines?: readonly MachineBook[];
  readonly instances?: readonly InstanceBook[];
  readonly accepted?: NetworkNodeBooks['callbacks']['accepted'];
  readonly outages?: NetworkNodeBooks['callbacks']['outages'];
  readonly inference?: NetworkNodeBooks['inference'];
}

/** Books of one good epoch, but for what is given. */
export function townBooks(given: HandwrittenBooks = {}): TownBooks {
  const { epochs = [epochBook()], machines = [machineBook()], instances = [instanceBook()] } = given;
  const total = <Item>(items: readonly Item[], figure: (item: Item) => number): number =>
    items.reduce((sum, item) => sum + figure(item), 0);
  return {
    vast: {
      instances,
      machines,
      instancesCreated: instances.length,
      live: instances.filter(({ destroyedAt }) => destroyedAt === null).length,
      paidSeconds: total(instances, ({ gpuSeconds }) => gpuSeconds),
      costUsd: total(instances, ({ costUsd }) => costUsd),
    },
    networkNode: {
      epochs,
      completed: epochs.filter(({ verdict }) => verdict === 'completed').length,
      missed: epochs.filter(({ verdict }) => verdict === 'missed').length,
      noncesAccepted: total(epochs, ({ noncesAccepted }) => noncesAccepted),
      noncesDuplicate: 0,
      validationsDelivered: total(epochs, ({ validationsDelivered }) => validationsDelivered),
      inference: given.inference ?? { requests: 4, failed: 0, streamed: 2, failures: {} },
      callbacks: { accepted: given.accepted ?? [], outages: given.outages ?? [] },
    },
  };
}
