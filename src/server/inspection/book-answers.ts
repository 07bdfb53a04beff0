import { z } from 'zod';
import { severities } from '../../alerts/alert-kinds.ts';
import { json, journalEntryAnswer } from './inspection-answers.ts';

/** Micro-dollars. */
const money = z.number();
/** Unix milliseconds of the daemon's clock. */
const at = z.number();

/** One PoC: what was planned for it, what became of it, what it cost. */
export const epochSummary = z.strictObject({
  rowId: z.string(),
  epochIndex: z.number(),
  /** The chart's state, from the outside in: `renting.choosing`. */
  state: z.string(),
  status: z.enum(['active', 'done', 'parked']),
  /** `completed`, `missed`, `skipped`, `failed`; null while it is open. */
  outcome: z.string().nullable(),
  plan: json.nullable(),
  work: json.nullable(),
  rentals: z.number(),
  failures: z.number(),
  fault: json.nullable(),
  leaseIds: z.array(z.string()),
  /** Of leases that are over, and of those that were handed on: what they cost while this epoch had them. */
  spentMicroUsd: money,
  /** Of leases that are open: their worst case. */
  reservedMicroUsd: money,
  /** Null where no nonce was delivered. */
  costPerThousandNoncesMicroUsd: money.nullable(),
  updatedAt: at,
});
export type EpochSummary = z.infer<typeof epochSummary>;

/** One rental, from the intent to the proof that the machine is gone. */
export const leaseSummary = z.strictObject({
  leaseId: z.string(),
  state: z.string(),
  status: z.enum(['active', 'done', 'parked']),
  owner: z.string(),
  label: z.string(),
  instanceId: z.number().nullable(),
  machineId: z.number(),
  gpuName: z.string(),
  gpuCount: z.number(),
  priceMicroUsdPerHour: money,
  openedAt: at,
  /** The GPU meter runs from here. */
  runningAt: at.nullable(),
  readyAt: at.nullable(),
  endedAt: at.nullable(),
  /** When it ends by itself unless its life is renewed. */
  ttlUntil: at.nullable(),
  reason: z.string().nullable(),
  fault: json.nullable(),
  reservedMicroUsd: money,
  /** Null while it is open. */
  settledMicroUsd: money.nullable(),
  /** By our own meter up to now, or up to its end. */
  meteredMicroUsd: money,
  /** By the provider's own charges, which lag; null while none are known. Nothing is reckoned with them. */
  chargedMicroUsd: money.nullable().optional(),
});
export type LeaseSummary = z.infer<typeof leaseSummary>;

/** `GET /v1/epochs`. */
export const epochsAnswer = z.strictObject({
  epochs: z.array(epochSummary),
  /** For `?before=` of the next page; null behind the last one. */
  nextBefore: z.number().nullable(),
});
export type EpochsPage = z.infer<typeof epochsAnswer>;

/** `GET /v1/epochs/{index}`. */
export const epochAnswer = z.strictObject({
  epoch: epochSummary,
  leases: z.array(leaseSummary),
  /** Of the epoch and of its leases, oldest first. */
  journal: z.array(journalEntryAnswer),
  /** The journal holds more than is shown. */
  isJournalCut: z.boolean(),
});
export type EpochStory = z.infer<typeof epochAnswer>;

/** `GET /v1/leases`. */
export const leasesAnswer = z.strictObject({
  leases: z.array(leaseSummary),
  nextBefore: z.string().nullable(),
});
export type LeasesPage = z.infer<typeof leasesAnswer>;

/** `GET /v1/journal`: a page of the past; what comes is told by `GET /v1/events`. */
export const journalAnswer = z.strictObject({
  entries: z.array(journalEntryAnswer),
  nextBefore: z.number().nullable(),
});
export type JournalAnswer = z.infer<typeof journalAnswer>;

/** `GET /v1/money`. */
export const moneyAnswer = z.strictObject({
  today: z.strictObject({
    spentMicroUsd: money,
    reservedMicroUsd: money,
    capMicroUsd: money,
    /** Midnight UTC. */
    endsAt: at,
  }),
  epochCapMicroUsd: money.nullable(),
  priceCapMicroUsdPerHour: money,
  /** What the machines that are up cost at this moment. */
  runningMicroUsdPerHour: money,
  settledEverMicroUsd: money,
  inference: json,
  /** The newest thirty, newest first. */
  epochs: z.array(
    epochSummary.pick({
      epochIndex: true,
      outcome: true,
      spentMicroUsd: true,
      reservedMicroUsd: true,
      costPerThousandNoncesMicroUsd: true,
    }),
  ),
});
export type MoneyAnswer = z.infer<typeof moneyAnswer>;

const callbackSample = z.strictObject({
  windowEndHeight: z.number(),
  at,
  kind: z.string(),
  queuedCallbacks: z.number(),
  queuedNonces: z.number(),
  deliveredCallbacks: z.number(),
  deliveredNonces: z.number(),
  undeliverableCallbacks: z.number(),
  undeliverableNonces: z.number(),
});

/** `GET /v1/nonces`: what came from the machines and went to the Network Node, over the time of one PoC. */
export const noncesAnswer = z.strictObject({
  epochIndex: z.number().nullable(),
  generated: z.array(callbackSample),
  validated: z.array(callbackSample),
});
export type NoncesAnswer = z.infer<typeof noncesAnswer>;

const trafficLine = z.strictObject({
  at: z.number(),
  requests: z.number(),
  failed: z.number(),
  firstByteP50Ms: z.number().nullable(),
  firstByteP95Ms: z.number().nullable(),
  totalP50Ms: z.number().nullable(),
  totalP95Ms: z.number().nullable(),
});

/** `GET /v1/inference`: attempts at each back end in the last hour of this process. Real time, not the daemon's clock. */
export const inferenceAnswer = z.strictObject({
  now: z.number(),
  backEnds: z.array(
    z.strictObject({
      name: z.string(),
      running: z.number(),
      lastHour: trafficLine,
      series: z.array(trafficLine),
    }),
  ),
});
export type InferenceAnswer = z.infer<typeof inferenceAnswer>;

/** `GET /v1/alerts`: what is open, with what to do about it. */
export const alertsAnswer = z.strictObject({
  alerts: z.array(
    z.strictObject({
      rowId: z.string(),
      key: z.string(),
      code: z.string(),
      message: z.string(),
      since: at,
      class: z.string(),
      help: z.string(),
      /** Of `docs/runbooks/`; the page is `/v1/runbooks/<kind>.md`. */
      kind: z.string(),
      severity: z.enum(severities),
      title: z.string(),
      advice: z.string(),
    }),
  ),
});
export type AlertsAnswer = z.infer<typeof alertsAnswer>;
