import { z } from 'zod';
import { laxFloat, laxInt } from './lax-value.ts';

/**
 * `PowInitRequestUrl`, the body of the three init calls (docs/reference/protocol.md "PoC v1"). Numbers may come as
 * strings, as the real node takes them; the body itself is relayed as it came. Fields that are not named here pass
 * untouched, as do the contents of `params`: they come from the chain and change with it.
 */
export const powInitRequest = z.looseObject({
  node_id: laxInt.default(-1),
  node_count: laxInt.default(-1),
  block_hash: z.string(),
  block_height: laxInt,
  public_key: z.string(),
  batch_size: laxInt,
  r_target: laxFloat,
  fraud_threshold: laxFloat,
  params: z.looseObject({}).optional(),
  url: z.string().meta({ format: 'uri', description: 'http or https, without credentials and fragment' }),
});

export type PowInitRequest = z.infer<typeof powInitRequest>;
