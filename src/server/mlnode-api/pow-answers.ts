import { z } from 'zod';

/** `GET /api/v1/pow/status`, and the `pow_status` of work calls (docs/reference/protocol.md "PoC v1 endpoints"). */
export const powStatusAnswer = z.union([
  z.strictObject({ status: z.literal('NOT_LOADED') }),
  z.strictObject({
    status: z.enum(['IDLE', 'LOADING', 'GENERATING', 'VALIDATING', 'STOPPED', 'MIXED']),
    is_model_initialized: z.boolean(),
  }),
]);
export type PowStatusAnswer = z.infer<typeof powStatusAnswer>;

/** The machine's own answer to an init or a change of phase, passed on as it came. */
export const powWorkAnswer = z.looseObject({ status: z.literal('OK'), pow_status: powStatusAnswer });

/** The machine's own answer to a batch: it is queued, the verdict comes by a callback. */
export const batchAnswer = z.null();

/** The machine's own answer to a stop; the text when nothing ran. */
export const powStoppedAnswer = z.looseObject({
  status: z.literal('OK'),
  pow_status: z.union([z.string(), powStatusAnswer]),
});
