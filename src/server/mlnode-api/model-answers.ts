import { z } from 'zod';

const model = z.strictObject({ hf_repo: z.string(), hf_commit: z.string().nullable() });

/** The two of the real node's states that a node without a cache knows (docs/reference/protocol.md "Models"). */
const modelState = z.enum(['DOWNLOADED', 'NOT_FOUND']);
export type ModelState = z.infer<typeof modelState>;

/** `POST /api/v1/models/status` for one model, with the fields of the earlier automation beside the real ones. */
export const modelStatusAnswer = z.strictObject({
  model,
  status: modelState,
  progress: z.null(),
  error_message: z.null(),
  hf_repo: z.string(),
  hf_commit: z.string().nullable(),
  loaded: z.boolean(),
  backend: z.literal('api').nullable(),
});
export type ModelStatusAnswer = z.infer<typeof modelStatusAnswer>;

/** The same in the form of the earlier automation. */
export const modelTableAnswer = z.strictObject({
  models: z.record(
    z.string(),
    z.union([
      z.strictObject({ status: z.literal('ready'), loaded: z.literal(true), backend: z.literal('api') }),
      z.strictObject({ status: z.literal('unavailable'), loaded: z.literal(false) }),
    ]),
  ),
});
export type ModelTableAnswer = z.infer<typeof modelTableAnswer>;

/** `POST /api/v1/models/download`. */
export const modelDownloadAnswer = z.strictObject({ task_id: z.string(), status: modelState, model });
export type ModelDownloadAnswer = z.infer<typeof modelDownloadAnswer>;

/** `GET /api/v1/models/list`. */
export const modelListAnswer = z.strictObject({
  models: z.array(z.strictObject({ model, status: z.literal('DOWNLOADED') })),
});
export type ModelListAnswer = z.infer<typeof modelListAnswer>;

/** `GET /api/v1/models/space`. */
export const modelSpaceAnswer = z.strictObject({
  cache_size_gb: z.literal(0),
  available_gb: z.literal(0),
  cache_path: z.literal(''),
});
export type ModelSpaceAnswer = z.infer<typeof modelSpaceAnswer>;
