import { z } from 'zod';
import type { JournalEntry } from '../../runtime/interface.ts';
import type { InspectionState } from './inspection-state.ts';

export const json = z.record(z.string(), z.unknown());

const row = z.strictObject({
  id: z.string(),
  chart: z.string(),
  value: z.unknown(),
  context: z.unknown(),
  status: z.enum(['active', 'done', 'parked']),
  updatedAt: z.number(),
  openIntents: z.array(z.string()),
});

/** Money in millionths of a US dollar, instants in Unix milliseconds. */
const lease = z.strictObject({
  rowId: z.string(),
  label: z.string().optional(),
  instanceId: z.number().nullable().optional(),
  price: z.number().optional(),
  ttlUntil: z.number().optional(),
  isGone: z.boolean().optional(),
  reserved: z.number(),
  settled: z.number().nullable(),
  openedAt: z.number(),
});

const alert = z.strictObject({
  rowId: z.string(),
  key: z.string(),
  code: z.string(),
  message: z.string(),
  since: z.number(),
});

/** What a page needs to go on counting between two looks. */
const daemon = z.strictObject({
  /** Unix milliseconds of the daemon's clock. */
  now: z.number(),
  /** Milliseconds of that clock in a real one; 1 but in a sandbox. */
  timeScale: z.number(),
  version: z.string(),
  nodeId: z.string(),
  startedAt: z.number(),
});

/** `GET /v1/state`. */
export const inspectionStateAnswer = z.strictObject({
  daemon,
  chain: json.nullable(),
  plan: json.nullable(),
  money: json,
  relay: json,
  upstream: json,
  service: json,
  machines: z.array(row),
  leases: z.array(lease),
  alerts: z.array(alert),
});

/** The data of one event of `GET /v1/events`. */
export const journalEntryAnswer = z.strictObject({
  seq: z.int(),
  rowId: z.string(),
  chart: z.string(),
  at: z.number(),
  event: z.looseObject({ type: z.string() }),
  value: z.unknown(),
});

export const aliveAnswer = z.strictObject({ status: z.literal('alive') });
export const inspectionError = z.strictObject({ error: z.string() });

type ReadonlyDeep<T> = T extends object ? { readonly [Key in keyof T]: ReadonlyDeep<T[Key]> } : T;
type Served<Value extends ReadonlyDeep<z.infer<Schema>>, Schema extends z.ZodType> = [Value, Schema];
/**
 * Fails to compile when what is served is no longer what the schema says.
 * @public
 */
export type Checked = [
  Served<InspectionState, typeof inspectionStateAnswer>,
  Served<JournalEntry, typeof journalEntryAnswer>,
];
