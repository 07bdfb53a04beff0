import { z } from 'zod';
import { Secret } from '../secret.ts';
import { microUsdOfDollars, unixMs } from '../units.ts';
import * as access from './access-schemas.ts';
import { alertSchemas } from './alert-schemas.ts';
import { modelSchemas } from './model-schemas.ts';
import * as upstream from './upstream-schemas.ts';
import * as values from './value-schemas.ts';

const secret = values.text.transform((value) => new Secret(value));

/** The honoured settings by name, from text to value. Defaults stand in the table of names, not here. */
export const schema = z.object({
  MLNODE_ID: z.string().regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, - or _'),
  VPS_IP: values.bareHost.optional(),
  REGISTRATION: values.choice(['on', 'off']),
  GATEWAY_HOST: values.text,
  HYPERBOLIC_PROXY_PORT: values.port,
  INFERENCE_PORT: values.port.optional(),
  POC_SEGMENT: values.segment('/api/v1').optional(),
  INFERENCE_SEGMENT: values.segment('/v1').optional(),
  HARDWARE_TYPE: values.text,
  HARDWARE_COUNT: values.count(1, 1024),
  MLNODE_MAX_CONCURRENT: values.count(1, 10_000),
  ALLOW_FROM: access.addressRanges,
  ALLOW_MANAGEMENT_FROM: access.addressRanges.optional(),
  GATEWAY_TOKENS: access.callerTokens.optional(),
  GATEWAY_MANAGEMENT_CALLERS: access.callerNames.optional(),
  CALLER_REQUESTS_PER_MINUTE: values.count(1, 1_000_000).optional(),
  CALLER_TOKENS_PER_DAY: values.count(1, 999_999_999).optional(),
  INFERENCE_MAX_BODY: values.decimal(0.001, 512, 'a number of MB'),
  GONKA_NETWORK_NODE_URL: values.baseUrls,
  GONKA_API_TIMEOUT: values.seconds,
  GONKA_HOST_ADDRESS: values.chainAddress.optional(),
  GONKA_ADMIN_API_URL: values.baseUrl.transform((url) => url.replace(/\/admin\/v1$/, '')),
  GONKA_CALLBACK_URL: values.origin.optional(),
  HYPERBOLIC_API_KEY: secret,
  HYPERBOLIC_BASE_URL: values.baseUrl.transform((url) => url.replace(/\/v1$/, '')),
  MLNODE_INFERENCE_MODEL: values.text,
  HYPERBOLIC_MODEL: values.text.optional(),
  HYPERBOLIC_STREAM_OPTIONS: upstream.streamOptions,
  HYPERBOLIC_STREAM: upstream.stream,
  HYPERBOLIC_REQUESTS_PER_MINUTE: upstream.requestsPerMinute,
  ...upstream.furtherUpstreams,
  MODEL_TABLE: upstream.modelTable.optional(),
  UPSTREAM_FALLBACK_PRICE: values
    .decimal(0, 100_000, 'dollars a million tokens')
    .transform(microUsdOfDollars),
  UPSTREAM_PROBE: values.choice(['on', 'off']),
  UPSTREAM_CONNECT_TIMEOUT: values.seconds,
  UPSTREAM_HEADERS_TIMEOUT: values.seconds,
  UPSTREAM_FIRST_TOKEN_TIMEOUT: values.seconds,
  UPSTREAM_GAP_TIMEOUT: values.seconds,
  INFERENCE_FORWARD_TIMEOUT: values.seconds,
  STATE_DIR: values.text.optional(),
  DEPLOYMENT_ID: z
    .string()
    .regex(/^[\w-]{4,64}$/, 'must be 4 to 64 letters, digits, - or _')
    .optional(),
  INSPECTION_HOST: values.text,
  INSPECTION_PORT: values.port,
  INSPECTION_TOKEN: secret.optional(),
  LOG_LEVEL: values.choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
  TIME_SCALE: values.decimal(0.001, 100_000, 'a speed'),
  TIME_ORIGIN_MS: z
    .string()
    .regex(/^\d{12,14}$/, 'must be Unix milliseconds')
    .transform((value) => unixMs(Number(value)))
    .optional(),
  VASTAI_API_KEY: secret.optional(),
  VASTAI_SSH_KEY_PATH: values.text.optional(),
  VASTAI_BASE_URL: values.baseUrl.transform((url) => url.replace(/\/api(\/v\d+)?$/, '')),
  VASTAI_GPU_TYPE: values.gpuNames,
  VASTAI_NUM_GPUS: values.count(1, 64).optional(),
  VASTAI_MIN_VRAM: values.gpuGigabytes,
  VASTAI_MIN_TOTAL_VRAM: values.gpuGigabytes,
  VASTAI_MAX_PRICE: values.dollarsPerHour,
  VASTAI_DISK_SIZE: values.diskGigabytes,
  VASTAI_MIN_RELIABILITY: values.decimal(0, 1, 'a number'),
  VASTAI_MIN_INET_DOWN: values.decimal(0, 100_000, 'a number of Mbit/s'),
  VASTAI_TEMPLATE_ID: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'must be the hash of a template (32 hexadecimal digits), not its number')
    .optional(),
  VASTAI_START_RETRIES: values.count(0, 100),
  DOCKER_IMAGE: values.image,
  MLNODE_PORT: values.port.refine(
    (port) => port !== 8080,
    "must not be 8080: Vast.ai's proxy publishes that port of every machine to the Internet",
  ),
  MLNODE_START_COMMAND: z.string().regex(/^[^\n]{1,512}$/, 'must be one line of at most 512 characters'),
  VASTAI_ONSTART_SCRIPT: z
    .string()
    .refine((script) => Buffer.byteLength(script) <= 1024, 'must be at most 1024 bytes')
    .optional(),
  VASTAI_INSTANCE_READY_TIMEOUT: values.seconds,
  VASTAI_SSH_READY_TIMEOUT: values.seconds,
  VASTAI_SSH_AUTH_GRACE: values.seconds,
  MLNODE_STARTUP_TIMEOUT: values.seconds,
  ...modelSchemas,
  RENTAL_POLICY: values.choice(['auto', 'sprint', 'epoch', 'off']),
  POC_PREP_TIME: values.seconds.optional(),
  POC_CHECK_INTERVAL: values.seconds,
  GPU_FLEET_WIDTH: values.count(1, 16),
  MAX_POC_DURATION: values.seconds,
  MAX_DAILY_SPEND: values.dollarAmount,
  MAX_EPOCH_SPEND: values.dollarAmount.optional(),
  POC_VALUE: values.dollarAmount,
  POC_HEDGES: values.count(0, 10),
  MAX_DAILY_INFERENCE_SPEND: values.dollarAmount.optional(),
  CHAIN_HALT_LIMIT: values.seconds,
  LEASE_TTL: values.seconds,
  ...alertSchemas,
});

/** Every setting, typed, before it takes the shape of `Config`. */
export type Values = z.output<typeof schema>;
export const schemaNames = Object.keys(schema.shape) as readonly (keyof Values)[];
