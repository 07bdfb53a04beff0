import { z } from 'zod';
import { artifact, artifactEncoding } from './answer-shapes.ts';

/** Callbacks of both generations (docs/reference/protocol.md "Payloads", "PoC v2"). */
const batch = {
  public_key: z.string(),
  block_hash: z.string(),
  block_height: z.int(),
  nonces: z.array(z.int().min(0)).min(1),
  dist: z.array(z.number()).min(1),
  node_id: z.int(),
};
export const generatedBatch = z.object(batch);
export type GeneratedBatch = z.infer<typeof generatedBatch>;

export const validatedBatch = z.object({
  ...batch,
  received_dist: z.array(z.number()),
  r_target: z.number(),
  fraud_threshold: z.number(),
  n_invalid: z.int().min(0),
  probability_honest: z.number(),
  fraud_detected: z.boolean(),
});

export const generatedArtifacts = z.object({
  public_key: z.string(),
  block_hash: z.string(),
  block_height: z.int(),
  node_id: z.int(),
  artifacts: z.array(artifact).min(1),
  encoding: artifactEncoding,
});

export const comparedArtifacts = z.object({
  request_id: z.string(),
  public_key: z.string(),
  block_hash: z.string(),
  block_height: z.int(),
  node_id: z.int(),
  n_total: z.int().min(0),
  n_mismatch: z.int().min(0),
  mismatch_nonces: z.array(z.int()),
  p_value: z.number(),
  fraud_detected: z.boolean(),
});
