import { z } from 'zod';

/**
 * `PowInitRequestUrl`, the body of the three init calls (docs/reference/protocol.md "PoC v1"). Fields that are not
 * named here pass untouched, as do the contents of `params`: they come from the chain and change with it.
 */
export const powInitRequest = z.looseObject({
  node_id: z.int().default(-1),
  node_count: z.int().default(-1),
  block_hash: z.string(),
  block_height: z.int(),
  public_key: z.string(),
  batch_size: z.int(),
  r_target: z.number(),
  fraud_threshold: z.number(),
  params: z.looseObject({}).optional(),
  url: z.string(),
});

export type PowInitRequest = z.infer<typeof powInitRequest>;
