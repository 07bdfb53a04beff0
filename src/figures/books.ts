/** What the neighbours' books say, as far as figures are made of it. Times in world milliseconds. */
export interface CallbackBook {
  readonly kind: 'generated' | 'validated';
  readonly looseHash: string;
  /** World time of the first 2xx; null when none came. */
  readonly ackedAt: number | null;
}

export interface PocBook {
  readonly blockHeight: number;
  readonly nonces: readonly number[];
  readonly postedNonces: readonly number[];
  readonly modelLoads: number;
  readonly callbacks: readonly CallbackBook[];
}

export interface MachineBook {
  readonly instanceId: number;
  /** Absent when the machine ended before its books could be read. */
  readonly mlnode?: { readonly pocs: readonly PocBook[] };
}

/** What a machine did in each PoC that it served. */
export const pocsOf = (machine: MachineBook): readonly PocBook[] => machine.mlnode?.pocs ?? [];

export interface InstanceBook {
  readonly instanceId: number;
  readonly label: string;
  readonly createdAt: number;
  readonly runningAt: number | null;
  readonly destroyedAt: number | null;
  readonly gpuSeconds: number;
  readonly costUsd: number;
}

export interface VastBooks {
  readonly instances: readonly InstanceBook[];
  readonly machines: readonly MachineBook[];
  readonly instancesCreated: number;
  readonly live: number;
  readonly paidSeconds: number;
  readonly costUsd: number;
}

interface WindowBook {
  readonly openedAtMs: number | null;
  readonly closedAtMs: number | null;
}

export interface EpochFigures {
  readonly epochIndex: number;
  readonly pocStartHeight: number;
  readonly verdict: 'open' | 'completed' | 'missed' | 'preserved';
  readonly noncesAccepted: number;
  readonly noncesDuplicate: number;
  /** Accepted although another node of the network should have computed them. */
  readonly noncesOutOfClass: number;
  /** Participants whose batches had to be validated, and those whose verdict arrived. */
  readonly validationsDue: number;
  readonly validationsDelivered: number;
  readonly windows: { readonly generated: WindowBook; readonly validated: WindowBook };
}

/** One confirmation PoC. */
export interface ConfirmationFigures extends Omit<EpochFigures, 'verdict'> {
  /** `block_height` of its calls and callbacks; `pocStartHeight` is that of the PoC whose weight it confirms. */
  readonly triggerHeight: number;
  /** `skipped`: the participant was out of the active set already. */
  readonly verdict: 'open' | 'served' | 'missed' | 'preserved' | 'skipped';
  /** Our node was not among the preserved ones, and was called. */
  readonly isDue: boolean;
  /** Confirmed over expected weight; null while it is open or nothing was due. */
  readonly ratio: number | null;
}

export interface NetworkNodeBooks {
  /** Absent in books of before PoC v2. */
  readonly pocVersion?: 1 | 2;
  readonly epochs: readonly EpochFigures[];
  readonly confirmations?: readonly ConfirmationFigures[];
  readonly confirmationsServed?: number;
  readonly confirmationsMissed?: number;
  readonly epochsUnrewarded?: number;
  /** Of PoC v2, regular and confirmation. */
  readonly artifactsAccepted?: number;
  readonly completed: number;
  readonly missed: number;
  readonly noncesAccepted: number;
  readonly noncesDuplicate: number;
  readonly validationsDelivered: number;
  readonly inference: {
    readonly requests: number;
    readonly failed: number;
    readonly streamed: number;
    readonly failures: Readonly<Record<string, number>>;
  };
  readonly callbacks: {
    readonly accepted: readonly { readonly pocStartHeight: number; readonly hash: string }[];
    readonly outages: readonly { readonly fromMs: number; readonly toMs: number | null }[];
  };
}

export interface TownBooks {
  readonly vast: VastBooks;
  readonly networkNode: NetworkNodeBooks;
}
