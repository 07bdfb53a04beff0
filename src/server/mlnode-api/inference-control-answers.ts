import { z } from 'zod';

/** `POST /api/v1/inference/up/async` (docs/reference/protocol.md "Inference control"). */
export const startingAnswer = z.strictObject({ status: z.literal('starting'), message: z.string() });

/** `GET /api/v1/inference/up/status`: nothing is ever on its way, so three of the real node's words are left. */
export const upStatusAnswer = z.strictObject({
  status: z.enum(['not_started', 'completed', 'failed']),
  is_starting: z.literal(false),
  is_running: z.boolean(),
  elapsed_seconds: z.literal(0),
  error: z.string().nullable(),
});
export type UpStatusAnswer = z.infer<typeof upStatusAnswer>;
