import type { Fault } from '../errors.ts';
import type { Gigabytes, MicroUsd, MicroUsdPerHour, Milliseconds, UnixMs } from '../units.ts';

/** What the lease must remember of the offer it was made from. */
export interface LeasedOffer {
  readonly offerId: number;
  readonly machineId: number;
  readonly gpuName: string;
  readonly gpuCount: number;
  readonly price: MicroUsdPerHour;
  readonly gpuPrice: MicroUsdPerHour;
  readonly diskPrice: MicroUsdPerHour;
  readonly trafficUsd: number;
  /** Of one GPU; absent in rows of older versions. */
  readonly gpuRamMb?: number;
  readonly inetDownMbps?: number;
  readonly reliability?: number;
  /** The disk that the price is for; absent in rows of older versions. */
  readonly diskGb?: Gigabytes;
}

export interface MachineEndpoint {
  readonly via: 'direct' | 'proxy';
  readonly host: string;
  readonly port: number;
}

/** How long each phase of a boot may take before the machine is given up (settings of the operator). */
export interface BootLimits {
  /** From the create to a running container. */
  readonly loadMs: Milliseconds;
  /** From the running container to an SSH session. */
  readonly connectMs: Milliseconds;
  /** How long SSH may answer and still refuse the key. */
  readonly authGraceMs: Milliseconds;
  /** From the session to an ML node that answers. */
  readonly startMs: Milliseconds;
  /** From an ML node that answers to a model that is up. @default 45 minutes */
  readonly modelMs?: Milliseconds;
}

/** How far a machine is with its model. */
export interface ModelProgress {
  readonly step: 'downloading' | 'starting';
  readonly elapsedSeconds: number;
}

/** What qualification found out about a machine. */
export interface MachineFacts {
  /** `name, memory in MB`, one line a GPU, as the driver names them. */
  readonly gpus: readonly string[];
  /** Highest CUDA version of the driver; null when it did not say. */
  readonly cudaVersion?: number | null;
  readonly driverVersion?: string | null;
  /** Machine minus us; null when the machine did not say. */
  readonly clockSkewSeconds?: number | null;
  /** How far a post from the machine came. `unknown`: nobody has said yet where callbacks go. */
  readonly callbackPath?: 'proven' | 'toRelay' | 'unknown';
}

export interface LeaseInput {
  readonly leaseId: string;
  /** `ghm:<DEPLOYMENT_ID>:<lease ULID>:<attempt>`, the handle by which a lost create is found again. */
  readonly label: string;
  /** The epoch row that wants the machine. */
  readonly owner: string;
  readonly offer: LeasedOffer;
  /** Port on the machine's own loopback to which its callbacks go. Chosen once: it is part of the init body. */
  readonly callbackPort: number;
  /** The machine destroys itself when nobody renewed its life for this long, whatever became of the daemon. */
  readonly ttlMs: Milliseconds;
  /** Worst case of the whole rental. */
  readonly reserved: MicroUsd;
  readonly openedAt: UnixMs;
  readonly limits: BootLimits;
}

export interface LeaseContext extends LeaseInput {
  /** Since when `owner` has the machine; null = since it was rented. */
  readonly ownedSince: UnixMs | null;
  readonly instanceId: number | null;
  /** When the provider named it, or it was found; absent in rows of older versions. */
  readonly createdAt?: UnixMs | null;
  readonly endpoints: readonly MachineEndpoint[];
  /** Pinned at the first connection; a change means the machine is lost. */
  readonly hostKey: string | null;
  readonly runningAt: UnixMs | null;
  readonly readyAt: UnixMs | null;
  /** The model that the machine loads or serves; null when its work needs none (PoC v1). */
  readonly model: string | null;
  readonly modelProgress: ModelProgress | null;
  readonly facts: MachineFacts | null;
  /** When the machine ends if its life is never renewed. */
  readonly ttlUntil: UnixMs | null;
  /** Set when a release was asked for while money was in flight; read on that invoke's exit. */
  readonly isReleaseAsked: boolean;
  /** Why the lease ends: an operator's word, a plan's end, or a fault's code. */
  readonly reason: string | null;
  readonly fault: Fault | null;
  readonly destroyTries: number;
}

export type LeaseEvent =
  | { readonly type: 'LEASE.RELEASE_ASKED'; readonly reason: string }
  /** The row of the next PoC keeps the machine; `reserved` is the worst case up to its hold height. */
  | { readonly type: 'LEASE.HANDED_OVER'; readonly owner: string; readonly reserved: MicroUsd }
  | { readonly type: 'LEASE.MODEL_PROGRESS'; readonly progress: ModelProgress }
  | { readonly type: 'LEASE.WORK_STARTED' };
