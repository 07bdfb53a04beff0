import { z } from 'zod';
import { laxFloat, laxInt } from './lax-value.ts';

/** The body of `pow/validate` (docs/reference/protocol.md "Payloads"), read as laxly as an init request. */
export const proofBatchRequest = z.looseObject({
  public_key: z.string(),
  block_hash: z.string(),
  block_height: laxInt,
  nonces: z.array(laxInt),
  dist: z.array(laxFloat),
  node_id: laxInt.default(-1),
});
