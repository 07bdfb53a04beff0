import { z } from 'zod';
import { laxBoolean, laxFloat, laxInt } from './lax-value.ts';

/** Common to both work calls of PoC v2 (docs/reference/protocol.md "PoC v2"); `params` forbids other fields. */
const work = {
  block_hash: z.string(),
  block_height: laxInt,
  public_key: z.string(),
  node_id: laxInt,
  node_count: laxInt,
  batch_size: laxInt.default(32),
  params: z.strictObject({ model: z.string(), seq_len: laxInt, k_dim: laxInt.default(12) }),
  url: z
    .string()
    .meta({ format: 'uri', description: 'http or https, without credentials and fragment' })
    .nullish(),
};

export const pocV2InitRequest = z.looseObject(work);

export const pocV2GenerateRequest = z.looseObject({
  ...work,
  nonces: z.array(laxInt),
  wait: laxBoolean.default(false),
  validation: z
    .looseObject({ artifacts: z.array(z.looseObject({ nonce: laxInt, vector_b64: z.string() })) })
    .nullish(),
  stat_test: z
    .looseObject({
      dist_threshold: laxFloat.default(0.02),
      p_mismatch: laxFloat.default(0.001),
      fraud_threshold: laxFloat.default(0.01),
    })
    .nullish(),
});
