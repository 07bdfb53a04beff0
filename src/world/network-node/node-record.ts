export type NodeStatus = 'UNKNOWN' | 'INFERENCE' | 'POC' | 'TRAINING' | 'STOPPED' | 'FAILED';
export type PocStatus = 'IDLE' | 'GENERATING' | 'VALIDATING';

/** The integer that `reconcile_info.status` shows for a status (docs/reference/protocol.md "Node list"). */
export const statusNumbers: Readonly<Record<NodeStatus, number>> = {
  UNKNOWN: 0,
  INFERENCE: 1,
  POC: 2,
  TRAINING: 3,
  STOPPED: 4,
  FAILED: 5,
};

/** Node definition as the admin API takes and gives it. `null` is what Go makes of an absent list. */
export interface NodeConfig {
  readonly id: string;
  readonly host: string;
  readonly inference_segment: string;
  readonly inference_port: number;
  readonly poc_segment: string;
  readonly poc_port: number;
  readonly models: Readonly<Record<string, { readonly args: readonly string[] | null }>>;
  readonly max_concurrent: number;
  readonly hardware: readonly { readonly type: string; readonly count: number }[] | null;
}

/** What the broker wants of a node, or is about to make of it. */
export interface NodeTarget {
  readonly status: NodeStatus;
  readonly poc: PocStatus;
}

/** One registered node with everything that the broker knows of it. */
export interface NodeRecord {
  config: NodeConfig;
  readonly nodeNum: number;
  /** With the latest epoch's index at the time of the change. */
  adminState: { readonly enabled: boolean; readonly epoch: number };
  intended: NodeTarget;
  current: NodeTarget;
  /** World ms of the last status that was learned; 0 = never. */
  statusAtMs: number;
  failureReason: string;
  inFlight: { readonly target: NodeTarget; readonly cancel: AbortController } | undefined;
  lockCount: number;
  /** Whether the chain's epoch group lists the node, so that it gets inference requests. */
  isInEpochGroup: boolean;
  /** `poc_validation_inference` of its last state. */
  isServingInPoc: boolean;
  /** Deregistered, but its last command has not ended. */
  isLeaving: boolean;
}

export const isSameTarget = (one: NodeTarget, other: NodeTarget): boolean =>
  one.status === other.status && (one.status !== 'POC' || one.poc === other.poc);

/**
 * Whether a node takes part: an enabled one from the next epoch on (for inference at once, outside PoC), a disabled one
 * until its epoch ends (docs/reference/protocol.md "When a node takes part").
 */
export function isOperational(node: NodeRecord, latestEpoch: number, isInferencePhase: boolean): boolean {
  const { enabled, epoch } = node.adminState;
  if (!enabled) return epoch >= latestEpoch;
  return latestEpoch > epoch || (latestEpoch === epoch && isInferencePhase);
}
