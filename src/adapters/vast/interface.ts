import type { Gigabytes, Megabytes, MicroUsd, MicroUsdPerHour } from '../../units.ts';

/** What a machine must have; in the units of Vast.ai's API (docs/reference/vast.md "Offer search"). */
export interface OfferNeeds {
  /** Spaces, not underscores: `RTX 4090`. Absent = any. */
  readonly gpuNames?: readonly string[];
  readonly gpuCount?: number;
  /** Of one GPU. */
  readonly gpuRamMbMin: Megabytes;
  /** Of all GPUs of the offer together. */
  readonly gpuTotalRamMbMin: Megabytes;
  readonly diskGb: Gigabytes;
  readonly priceMax: MicroUsdPerHour;
  readonly reliabilityMin: number;
  readonly inetDownMbpsMin: number;
  readonly cudaMin?: number;
  /** The offer must last at least this long, seconds. */
  readonly durationSecondsMin: number;
}

export interface Offer {
  readonly offerId: number;
  readonly machineId: number;
  readonly hostId: number;
  readonly gpuName: string;
  readonly gpuCount: number;
  readonly gpuRamMb: Megabytes;
  readonly gpuTotalRamMb: Megabytes;
  /** dph_total at the disk that was asked for. */
  readonly price: MicroUsdPerHour;
  /** GPU part alone (dph_base). */
  readonly gpuPrice: MicroUsdPerHour;
  /** Disk part alone. */
  readonly diskPrice: MicroUsdPerHour;
  readonly inetDownMbps: number;
  readonly inetDownUsdPerGb: number;
  readonly inetUpUsdPerGb: number;
  readonly reliability: number;
  readonly cudaMax: number;
  readonly geolocation: string;
}

export interface CreateRequest {
  readonly offerId: number;
  /** Unique per attempt, ≤ 256 characters: the handle by which an unknown outcome is looked up. */
  readonly label: string;
  readonly image: string;
  readonly diskGb: Gigabytes;
  /** Shell text, ≤ 4096 bytes. Runs on each container start; the image's own entrypoint does not (SSH run type). */
  readonly onstart: string;
  readonly env: Readonly<Record<string, string>>;
  /** Hash of a template of the operator's, sent as `template_hash_id`. */
  readonly templateHashId?: string;
}

export interface Endpoint {
  readonly via: 'direct' | 'proxy';
  readonly host: string;
  readonly port: number;
}

/** One row of the instance list; states as Vast.ai states them (docs/reference/vast.md "State machine"). */
export interface Instance {
  readonly instanceId: number;
  readonly label: string | null;
  readonly machineId: number;
  readonly actualStatus: string | null;
  readonly intendedStatus: string | null;
  readonly curState: string | null;
  readonly statusMsg: string | null;
  readonly price: MicroUsdPerHour;
  /** Direct first, then proxy; only pairs that belong together. Empty while the container does not run. */
  readonly endpoints: readonly Endpoint[];
}

/** `counts` only by invariant I2: HTTP 200, success, array, every page read, as many rows as `total_instances`. */
export interface InstanceList {
  readonly instances: readonly Instance[];
  readonly totalInstances: number;
}

export interface Vast {
  /** Spendable dollars of the account and whose it is. Throws VAST_KEY_REFUSED, VAST_UNREACHABLE, VAST_BAD_ANSWER. */
  account(signal: AbortSignal): Promise<{ readonly email: string; readonly creditUsd: number }>;
  /** Adds the public key to the account unless it is there (keys are injected at creation only). */
  ensureSshKey(publicKey: string, signal: AbortSignal): Promise<void>;
  /** Every need is checked again on the returned rows. An empty answer is no error: it is an empty market. */
  search(needs: OfferNeeds, signal: AbortSignal): Promise<readonly Offer[]>;
  /**
   * Rents. Not idempotent: called at most once per label. Throws VAST_OFFER_GONE, VAST_CREATE_REFUSED,
   * VAST_NO_CREDIT, VAST_KEY_REFUSED, VAST_RATE_LIMITED (nothing happened), or VAST_CREATE_UNKNOWN (timeout, reset,
   * 5xx, an answer without an id: look the label up).
   */
  create(request: CreateRequest, signal: AbortSignal): Promise<{ readonly instanceId: number }>;
  /** All pages. Throws VAST_LIST_UNKNOWN for a list that does not count by I2. */
  list(signal: AbortSignal): Promise<InstanceList>;
  /**
   * One instance by its id; null when the provider says that there is none. Another endpoint than the list, and so a
   * second opinion on an absence. Throws VAST_KEY_REFUSED, VAST_RATE_LIMITED, VAST_UNREACHABLE, VAST_BAD_ANSWER.
   */
  show(instanceId: number, signal: AbortSignal): Promise<Instance | null>;
  /**
   * `accepted` or `no_such_instance` (both end in absence). Throws VAST_KEY_REFUSED for a 404 with `auth_error`,
   * VAST_RATE_LIMITED, VAST_UNREACHABLE, VAST_BAD_ANSWER.
   */
  destroy(instanceId: number, signal: AbortSignal): Promise<'accepted' | 'no_such_instance'>;
  /**
   * What was charged by instance id between two instants (Unix milliseconds); lags by a day at most. Throws
   * VAST_KEY_REFUSED (a key may lack `billing_read`), VAST_UNREACHABLE, VAST_BAD_ANSWER. Absent = cannot be read.
   */
  charges?(
    range: { readonly from: number; readonly until: number },
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, MicroUsd>>;
}
