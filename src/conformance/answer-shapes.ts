import { z } from 'zod';

/** What the node's answers look like (docs/reference/protocol.md). Fields that are not named here may be there too. */
export const statusOk = z.object({ status: z.literal('OK') });

/** FastAPI's errors with a text. */
export const errorText = z.object({ detail: z.string().min(1) });

/** FastAPI's 422. */
export const fieldErrors = z.object({
  detail: z
    .array(z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string(), type: z.string() }))
    .min(1),
});

const powStates = ['IDLE', 'LOADING', 'GENERATING', 'VALIDATING', 'STOPPED', 'MIXED'] as const;

export const powStatus = z.union([
  z.object({ status: z.literal('NOT_LOADED') }),
  z.object({ status: z.enum(powStates), is_model_initialized: z.boolean() }),
]);
export const runningPow = z.object({ status: z.enum(powStates), is_model_initialized: z.boolean() });
export const powAnswer = z.object({ status: z.literal('OK'), pow_status: runningPow });
export const powStopped = z.object({
  status: z.literal('OK'),
  pow_status: z.union([z.string(), z.object({ status: z.literal('NOT_LOADED') })]),
});

export const pocV2States = ['IDLE', 'GENERATING', 'VALIDATING', 'MIXED', 'NO_BACKENDS'] as const;

const port = z.int().min(1).max(65_535);
const backendErrors = z.array(z.object({ port, error: z.string() })).nullable();

export const pocV2Status = z.object({
  status: z.enum(pocV2States),
  backends: z.array(
    z.object({
      port,
      status: z.string(),
      config: z
        .object({ block_hash: z.string(), block_height: z.int(), node_id: z.int(), node_count: z.int() })
        .nullish(),
    }),
  ),
});
export const pocV2Started = z.object({
  status: z.literal('OK'),
  backends: z.int().min(1),
  n_groups: z.int().min(1),
  results: z.array(z.object({ port, status: z.string() })).min(1),
  errors: backendErrors,
});
export const pocV2Refused = z.object({
  detail: z.union([z.string(), z.object({ errors: z.array(z.object({ port, error: z.string() })).min(1) })]),
});
export const pocV2Stopped = z.union([
  z.object({
    status: z.literal('OK'),
    results: z.array(z.object({ port, status: z.string() })),
    errors: backendErrors,
  }),
  z.object({ status: z.literal('OK'), message: z.string() }),
]);

export const requestStates = ['queued', 'running', 'completed', 'failed', 'cancelled'] as const;
export const artifact = z.object({
  nonce: z.int().min(0),
  /** Twelve half-precision numbers. */
  vector_b64: z.string().regex(/^[A-Za-z0-9+/]{32}$/, 'is not 24 bytes in Base64'),
});
export const artifactEncoding = z.object({
  dtype: z.literal('f16'),
  k_dim: z.int(),
  endian: z.literal('le'),
});

export const modelList = z.object({ object: z.literal('list'), data: z.array(z.object({ id: z.string() })) });

export const modelCacheStates = ['DOWNLOADED', 'DOWNLOADING', 'NOT_FOUND', 'PARTIAL', 'IGNORED'] as const;
export const cachedModel = z.object({ hf_repo: z.string(), hf_commit: z.string().nullable() });
