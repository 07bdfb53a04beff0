import { isAbsolute, join, resolve } from 'node:path';
import { Secret } from '../secret.ts';
import { megabytes, unixMs } from '../units.ts';
import { alertsConfig } from './alert-schemas.ts';
import { backEnds } from './back-ends.ts';
import type { AccessConfig, Config, LimitsConfig, NodeConfig, RentalConfig, VastConfig } from './config.ts';
import { modelConfig } from './model-config.ts';
import type { Values } from './schema.ts';

/** Where paths begin. */
export interface Places {
  readonly home: string | undefined;
  readonly xdgState: string | undefined;
  readonly cwd: string;
}

/** PoC v1 works in groups of GPUs that hold 38 GB together (docs/reference/protocol.md "GPU groups"). */
const groupRamMb = 38_000;

/** The checked settings in the shape that the house uses. */
export function buildConfig(values: Values, places: Places): Config {
  return {
    node: node(values),
    access: access(values),
    limits: limits(values),
    registration: values.REGISTRATION,
    chain: {
      urls: values.GONKA_NETWORK_NODE_URL,
      timeoutMs: values.GONKA_API_TIMEOUT,
      ...given('hostAddress', values.GONKA_HOST_ADDRESS),
    },
    networkNode: {
      adminUrl: values.GONKA_ADMIN_API_URL,
      ...given('callbackUrl', values.GONKA_CALLBACK_URL),
    },
    vast: vast(values, places),
    mlnodePort: values.MLNODE_PORT,
    upstream: {
      name: 'hyperbolic',
      baseUrl: values.HYPERBOLIC_BASE_URL,
      apiKey: values.HYPERBOLIC_API_KEY,
      model: values.HYPERBOLIC_MODEL ?? values.MLNODE_INFERENCE_MODEL,
      timeoutMs: values.INFERENCE_FORWARD_TIMEOUT,
    },
    backEnds: backEnds(values),
    modelTable: values.MODEL_TABLE ?? [],
    isUpstreamProbed: values.UPSTREAM_PROBE === 'on',
    upstreamLimits: {
      connectTimeoutMs: values.UPSTREAM_CONNECT_TIMEOUT,
      headersTimeoutMs: values.UPSTREAM_HEADERS_TIMEOUT,
      firstTokenMs: values.UPSTREAM_FIRST_TOKEN_TIMEOUT,
      gapTimeoutMs: values.UPSTREAM_GAP_TIMEOUT,
      totalMs: values.INFERENCE_FORWARD_TIMEOUT,
    },
    upstreamFallbackPrice: values.UPSTREAM_FALLBACK_PRICE,
    model: values.MLNODE_INFERENCE_MODEL,
    rental: rental(values),
    machineModel: modelConfig(values),
    alerts: alertsConfig(values),
    chainHaltLimitMs: values.CHAIN_HALT_LIMIT,
    leaseTtlMs: values.LEASE_TTL,
    inspection: {
      host: values.INSPECTION_HOST,
      port: values.INSPECTION_PORT,
      ...given('token', values.INSPECTION_TOKEN),
    },
    stateDir: stateDir(values.STATE_DIR, places),
    ...given('deploymentId', values.DEPLOYMENT_ID),
    timeScale: values.TIME_SCALE,
    timeOriginMs: values.TIME_ORIGIN_MS ?? unixMs(0),
    logLevel: values.LOG_LEVEL,
  };
}

function node(values: Values): NodeConfig {
  const shared = values.INFERENCE_PORT === values.HYPERBOLIC_PROXY_PORT;
  return {
    id: values.MLNODE_ID,
    host: values.VPS_IP ?? '',
    gatewayHost: values.GATEWAY_HOST,
    gatewayPort: values.HYPERBOLIC_PROXY_PORT,
    ...given('inferencePort', shared ? undefined : values.INFERENCE_PORT),
    pocSegment: values.POC_SEGMENT ?? '',
    inferenceSegment: values.INFERENCE_SEGMENT ?? '',
    hardwareType: values.HARDWARE_TYPE,
    hardwareCount: values.HARDWARE_COUNT,
    maxConcurrent: values.MLNODE_MAX_CONCURRENT,
  };
}

function access(values: Values): AccessConfig {
  return {
    from: values.ALLOW_FROM,
    managementFrom: values.ALLOW_MANAGEMENT_FROM ?? values.ALLOW_FROM,
    tokens: values.GATEWAY_TOKENS ?? [],
    managementCallers: values.GATEWAY_MANAGEMENT_CALLERS ?? [],
  };
}

function limits(values: Values): LimitsConfig {
  return {
    ...given('requestsPerMinute', values.CALLER_REQUESTS_PER_MINUTE),
    ...given('tokensPerDay', values.CALLER_TOKENS_PER_DAY),
    ...given('spendPerDay', values.MAX_DAILY_INFERENCE_SPEND),
    inferenceBodyBytesMax: Math.floor(values.INFERENCE_MAX_BODY * 1_000_000),
  };
}

function vast(values: Values, places: Places): VastConfig {
  const keyPath = values.VASTAI_SSH_KEY_PATH;
  return {
    apiKey: values.VASTAI_API_KEY ?? new Secret(''),
    baseUrl: values.VASTAI_BASE_URL,
    sshKeyPath: keyPath === undefined ? '' : path(keyPath, places),
    ...given('gpuNames', values.VASTAI_GPU_TYPE),
    ...given('gpuCount', values.VASTAI_NUM_GPUS),
    gpuRamMbMin: values.VASTAI_MIN_VRAM,
    gpuTotalRamMbMin: megabytes(Math.max(groupRamMb, values.VASTAI_MIN_TOTAL_VRAM)),
    priceMax: values.VASTAI_MAX_PRICE,
    diskGb: values.VASTAI_DISK_SIZE,
    image: values.DOCKER_IMAGE,
    ...given('templateHashId', values.VASTAI_TEMPLATE_ID),
    mlnodeStartCommand: values.MLNODE_START_COMMAND,
    ...given('onstartExtra', values.VASTAI_ONSTART_SCRIPT),
    reliabilityMin: values.VASTAI_MIN_RELIABILITY,
    inetDownMbpsMin: values.VASTAI_MIN_INET_DOWN,
    startRetries: values.VASTAI_START_RETRIES,
    readyTimeoutMs: values.VASTAI_INSTANCE_READY_TIMEOUT,
    sshReadyTimeoutMs: values.VASTAI_SSH_READY_TIMEOUT,
    sshAuthGraceMs: values.VASTAI_SSH_AUTH_GRACE,
    mlnodeStartTimeoutMs: values.MLNODE_STARTUP_TIMEOUT,
  };
}

function rental(values: Values): RentalConfig {
  return {
    policy: values.RENTAL_POLICY,
    ...given('prepTimeMs', values.POC_PREP_TIME),
    checkIntervalMs: values.POC_CHECK_INTERVAL,
    ...given('maxEpochSpend', values.MAX_EPOCH_SPEND),
    pocUsd: values.POC_VALUE / 1e6,
    hedges: values.POC_HEDGES,
    maxDailySpend: values.MAX_DAILY_SPEND,
    fleetWidth: values.GPU_FLEET_WIDTH,
    maxPocDurationMs: values.MAX_POC_DURATION,
  };
}

function stateDir(given: string | undefined, places: Places): string {
  if (given !== undefined) return path(given, places);
  if (places.xdgState !== undefined && isAbsolute(places.xdgState))
    return join(places.xdgState, 'hybrid-mlnode');
  if (places.home !== undefined && places.home !== '') return join(places.home, '.local/state/hybrid-mlnode');
  return resolve(places.cwd, '.state');
}

/** `~/x` from the home directory, `x` from the working directory. */
function path(given: string, places: Places): string {
  if (given.startsWith('~/') && places.home !== undefined) return join(places.home, given.slice(2));
  return resolve(places.cwd, given);
}

/** `{ [key]: value }`, or nothing: an absent field is absent, not undefined. */
function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
