import type { ModelConfig } from './model-config.ts';
import type { Secret } from '../secret.ts';
import type { AlertsConfig } from './alerts-config.ts';
import type { Gigabytes, Megabytes, MicroUsd, MicroUsdPerHour, Milliseconds, UnixMs } from '../units.ts';

/** What this node is to the Network Node, and where the gateway listens. */
export interface NodeConfig {
  /** MLNODE_ID, registered once. */
  readonly id: string;
  /** VPS_IP: bare name or IP. Empty when registration is off and none was given. */
  readonly host: string;
  readonly gatewayHost: string;
  readonly gatewayPort: number;
  /** Absent = inference shares the gateway's port. */
  readonly inferencePort?: number;
  readonly pocSegment: string;
  readonly inferenceSegment: string;
  readonly hardwareType: string;
  readonly hardwareCount: number;
  /** Requests at a time; registered, and enforced by the gateway. */
  readonly maxConcurrent: number;
}

/** A range of IPv4 or IPv6 addresses; `prefix` is the number of leading bits that count. */
export interface AddressRange {
  readonly address: string;
  readonly prefix: number;
}

export interface CallerToken {
  readonly name: string;
  readonly token: Secret;
}

/** Who may call the gateway. */
export interface AccessConfig {
  /** May do inference without a token. */
  readonly from: readonly AddressRange[];
  /** May use the management API without a token. */
  readonly managementFrom: readonly AddressRange[];
  readonly tokens: readonly CallerToken[];
  /** Names among `tokens` that may use the management API. */
  readonly managementCallers: readonly string[];
}

/** How much may be asked of the gateway; absent = no limit. */
export interface LimitsConfig {
  /** Of one caller with a token. */
  readonly requestsPerMinute?: number;
  /** Of one caller with a token, in a UTC day. */
  readonly tokensPerDay?: number;
  /** For inference at back ends in a UTC day, everybody's together; binds callers with a token. */
  readonly spendPerDay?: MicroUsd;
  /** Of one inference request. */
  readonly inferenceBodyBytesMax: number;
}

/** Which machines may be rented, and how long their start may take. Limits run on the daemon's clock. */
export interface VastConfig {
  /** Empty only with rental policy `off`. */
  readonly apiKey: Secret;
  /** Without a trailing slash and without `/api/v0`. */
  readonly baseUrl: string;
  /** Absolute path. Empty only with rental policy `off`. */
  readonly sshKeyPath: string;
  /** With spaces, as the API names them. Absent = any. */
  readonly gpuNames?: readonly string[];
  /** Absent = any. */
  readonly gpuCount?: number;
  /** Of one GPU. */
  readonly gpuRamMbMin: Megabytes;
  /** Of all GPUs; never under 38 000 (docs/reference/protocol.md "GPU groups"). */
  readonly gpuTotalRamMbMin: Megabytes;
  readonly priceMax: MicroUsdPerHour;
  readonly diskGb: Gigabytes;
  readonly image: string;
  readonly templateHashId?: string;
  /** One line of shell; `--host` and `--port` are appended. */
  readonly mlnodeStartCommand: string;
  /** Shell text of the operator's, at most 1024 bytes. */
  readonly onstartExtra?: string;
  readonly reliabilityMin: number;
  readonly inetDownMbpsMin: number;
  /** Further machines after the first one failed, for one PoC. */
  readonly startRetries: number;
  /** From create to a running container. */
  readonly readyTimeoutMs: Milliseconds;
  /** From a running container to SSH. */
  readonly sshReadyTimeoutMs: Milliseconds;
  /** How long SSH may answer and still refuse the key. */
  readonly sshAuthGraceMs: Milliseconds;
  /** From SSH to an ML node that answers. */
  readonly mlnodeStartTimeoutMs: Milliseconds;
}

/** The inference API. */
export interface UpstreamConfig {
  readonly name: string;
  /** Without a trailing slash and without `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: Secret;
  /** The model's id there. */
  readonly model: string;
  /** Of one forwarded request, real milliseconds. */
  readonly timeoutMs: Milliseconds;
}

/** One place that answers inference. */
export interface BackEndConfig {
  readonly name: string;
  readonly api: 'hyperbolic' | 'openai';
  /** Without a trailing slash and without `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: Secret;
  /** Its id of the expected model. */
  readonly model: string;
  /** `always`: streamed from there whatever the caller asks. */
  readonly stream: 'always' | 'asAsked';
  readonly streamOptions: 'auto' | 'on' | 'off';
  /** Absent = no limit of our own. */
  readonly requestsPerMinute?: number;
}

/** A further model id that callers may ask for. */
export interface ModelTableRow {
  readonly asked: string;
  /** The back end's id. */
  readonly served: string;
  /** Another spelling of the same weights; else for direct clients only. */
  readonly isSameWeights: boolean;
  /** Absent = every back end that lists it. */
  readonly backEnd?: string;
}

/** Limits of one request at a back end, real milliseconds. */
export interface UpstreamLimits {
  readonly connectTimeoutMs: Milliseconds;
  readonly headersTimeoutMs: Milliseconds;
  readonly firstTokenMs: Milliseconds;
  readonly gapTimeoutMs: Milliseconds;
  readonly totalMs: Milliseconds;
}

export type RentalPolicy = 'auto' | 'sprint' | 'epoch' | 'off';

export interface RentalConfig {
  readonly policy: RentalPolicy;
  /** Fixed lead before PoC; absent = computed from measured boot times. */
  readonly prepTimeMs?: Milliseconds;
  /** Pause between looks at the chain while no PoC is near. */
  readonly checkIntervalMs: Milliseconds;
  readonly maxEpochSpend?: MicroUsd;
  /** `POC_VALUE`: what one PoC is worth, dollars; weighed against launches and waiting, never spent. */
  readonly pocUsd: number;
  /** `POC_HEDGES`: further machines that may boot at once for one place. */
  readonly hedges: number;
  /** Of a UTC day. */
  readonly maxDailySpend: MicroUsd;
  /** `GPU_FLEET_WIDTH`: machines that share one PoC v1, at least 1. */
  readonly fleetWidth: number;
  /** Longest time that one machine is kept for one PoC. */
  readonly maxPocDurationMs: Milliseconds;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/**
 * Every setting of the daemon, checked, in the house's units. Secrets are `Secret`: printing a `Config` shows none.
 * Durations are milliseconds of the daemon's clock unless the field says real.
 */
export interface Config {
  readonly node: NodeConfig;
  readonly access: AccessConfig;
  readonly limits: LimitsConfig;
  readonly registration: 'on' | 'off';
  readonly chain: {
    /** Bases of `/v1/epochs/latest`, in order of preference, no trailing slash. */
    readonly urls: readonly string[];
    /** Of one question, real milliseconds. */
    readonly timeoutMs: Milliseconds;
    /** The host's own account; absent = nobody asks for it. */
    readonly hostAddress?: string;
  };
  readonly networkNode: {
    /** Without `/admin/v1` and without a trailing slash. */
    readonly adminUrl: string;
    /** An origin (`http://host:port`); absent = the origin of the `url` in each call. */
    readonly callbackUrl?: string;
  };
  readonly vast: VastConfig;
  /** Loopback port of the ML node on a rented machine; never 8080. */
  readonly mlnodePort: number;
  /** The first of `backEnds`. */
  readonly upstream: UpstreamConfig;
  /** In order of preference; at least one. */
  readonly backEnds: readonly BackEndConfig[];
  readonly modelTable: readonly ModelTableRow[];
  /** Whether back ends are asked for a few tokens to learn what they take. */
  readonly isUpstreamProbed: boolean;
  readonly upstreamLimits: UpstreamLimits;
  /** Of a million tokens whose back end states no price, as caps count it. */
  readonly upstreamFallbackPrice: MicroUsd;
  /** Governance model id that the node presents. */
  readonly model: string;
  readonly rental: RentalConfig;
  /** The model on a rented machine. */
  readonly machineModel: ModelConfig;
  readonly alerts: AlertsConfig;
  /** How long a paid machine waits for a chain that stands still. */
  readonly chainHaltLimitMs: Milliseconds;
  /** A machine without its daemon destroys itself after this long. */
  readonly leaseTtlMs: Milliseconds;
  readonly inspection: { readonly host: string; readonly port: number; readonly token?: Secret };
  /** Absolute path. */
  readonly stateDir: string;
  /** Letters, digits, `-` and `_`; absent = the store's own, made on the first start. */
  readonly deploymentId?: string;
  /** 1 except in the sandbox. */
  readonly timeScale: number;
  /** Instant at which scaled and real time agree; 0 when `timeScale` is 1 and none was given. */
  readonly timeOriginMs: UnixMs;
  readonly logLevel: LogLevel;
}
