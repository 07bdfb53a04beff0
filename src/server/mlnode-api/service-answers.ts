import { z } from 'zod';

/** Answer of every call that was simply done. */
export const doneAnswer = z.strictObject({ status: z.literal('OK') });

export const serviceState = z.enum(['INFERENCE', 'POW', 'STOPPED']);

/** What PoC v2 shows. One machine serves it, so nothing is ever MIXED here. */
export const pocV2State = z.enum(['IDLE', 'GENERATING', 'VALIDATING', 'NO_BACKENDS']);
export type PocV2State = z.infer<typeof pocV2State>;

/** `GET /api/v1/state` (docs/reference/protocol.md "State and stop"). */
export const stateAnswer = z.strictObject({
  version: z.string(),
  state: serviceState,
  poc_status: pocV2State.nullable(),
  inference_healthy: z.boolean().nullable(),
  loaded_model: z.string().nullable(),
  poc_validation_inference: z.literal(false),
});
export type StateAnswer = z.infer<typeof stateAnswer>;

/** `GET /api/v1/versions`. */
export const versionsAnswer = z.strictObject({
  version: z.string(),
  vllm_version: z.literal('unknown'),
  poc_validation_inference: z.literal(false),
});
export type VersionsAnswer = z.infer<typeof versionsAnswer>;
