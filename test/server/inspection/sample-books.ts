import type { JournalEntry } from '../../../src/runtime/interface.ts';
import type { EpochSummary, LeaseSummary } from '../../../src/server/inspection/book-answers.ts';
import type { InspectionBooks } from '../../../src/server/inspection/inspection-books.ts';
import type { PageFiles } from '../../../src/server/inspection/page-files.ts';

export const sampleDaemon = {
  now: 1_760_000_000_000,
  timeScale: 1,
  version: '1.2.3',
  nodeId: 'node-1',
  startedAt: 1_760_000_000_000,
};

export const sampleEpoch: EpochSummary = {
  rowId: 'epoch:135',
  epochIndex: 135,
  state: 'settled',
  status: 'done',
  outcome: 'completed',
  plan: { pocStartHeight: 2_089_140 },
  work: { noncesDelivered: 500 },
  rentals: 1,
  failures: 0,
  fault: null,
  leaseIds: ['01K0000000000000000000LEAS'],
  spentMicroUsd: 250_000,
  reservedMicroUsd: 0,
  costPerThousandNoncesMicroUsd: 500_000,
  updatedAt: 1_760_000_000_000,
};

export const sampleLease: LeaseSummary = {
  leaseId: '01K0000000000000000000LEAS',
  state: 'gone',
  status: 'done',
  owner: 'epoch:135',
  label: 'ghm:one:two:1',
  instanceId: 7,
  machineId: 70,
  gpuName: 'RTX 4090',
  gpuCount: 2,
  priceMicroUsdPerHour: 800_000,
  openedAt: 1_760_000_000_000,
  runningAt: 1_760_000_100_000,
  readyAt: null,
  endedAt: 1_760_000_900_000,
  ttlUntil: null,
  reason: null,
  fault: null,
  reservedMicroUsd: 300_000,
  settledMicroUsd: 250_000,
  meteredMicroUsd: 250_000,
};

/** Books with one of everything; `epoch` knows the indexes that are even. */
export const sampleBooks = (journal: readonly JournalEntry[] = []): InspectionBooks => ({
  epochs: ({ limit }) => ({ epochs: [sampleEpoch].slice(0, limit), nextBefore: null }),
  epoch: (index) =>
    index % 2 === 0
      ? { epoch: sampleEpoch, leases: [sampleLease], journal: [...journal], isJournalCut: false }
      : undefined,
  leases: () => ({ leases: [sampleLease], nextBefore: sampleLease.leaseId }),
  journal: () => ({ entries: [...journal], nextBefore: null }),
  money: () => ({
    today: { spentMicroUsd: 1, reservedMicroUsd: 2, capMicroUsd: 3, endsAt: 4 },
    epochCapMicroUsd: null,
    priceCapMicroUsdPerHour: 5,
    runningMicroUsdPerHour: 0,
    settledEverMicroUsd: 6,
    inference: { spentTodayMicroUsd: 0 },
    epochs: [
      {
        epochIndex: 135,
        outcome: 'completed',
        spentMicroUsd: 1,
        reservedMicroUsd: 0,
        costPerThousandNoncesMicroUsd: 2,
      },
    ],
  }),
  nonces: () => ({
    epochIndex: 135,
    generated: [
      {
        windowEndHeight: 2_089_205,
        at: 1,
        kind: 'generated',
        queuedCallbacks: 1,
        queuedNonces: 20,
        deliveredCallbacks: 2,
        deliveredNonces: 40,
        undeliverableCallbacks: 0,
        undeliverableNonces: 0,
      },
    ],
    validated: [],
  }),
  inference: () => ({
    now: 1,
    backEnds: [
      {
        name: 'hyperbolic',
        running: 0,
        lastHour: {
          at: 1,
          requests: 1,
          failed: 0,
          firstByteP50Ms: 1,
          firstByteP95Ms: 2,
          totalP50Ms: 3,
          totalP95Ms: null,
        },
        series: [],
      },
    ],
  }),
});

/** A page of two files; the script is called `x`, and a name by chance is none. */
export const samplePage: PageFiles = {
  index: () => ({
    contentType: 'text/html; charset=utf-8',
    plain: Buffer.from('<title>page</title>'),
    br: Buffer.from('br'),
  }),
  asset: (name) =>
    name === 'x' || name === 'lease-1'
      ? { contentType: 'text/javascript; charset=utf-8', plain: Buffer.from('1'), gzip: Buffer.from('gz') }
      : undefined,
};
