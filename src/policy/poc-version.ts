export type PocVersion = 'v1' | 'v2';

/** What speaks for one version or the other (docs/reference/protocol.md "Which PoC is in force"). */
export interface PocVersionEvidence {
  /** `POC_VERSION`, unless it is `auto`. */
  readonly forced: PocVersion | null;
  /** Of the last PoC that the Network Node started on this node. */
  readonly called: PocVersion | null;
  /** The chain's `poc_v2_enabled`; null while it could not be read, and on chains that have no such parameter. */
  readonly isV2Enabled: boolean | null;
  /** Whether the Network Node asks for the status of PoC v2. */
  readonly isV2Polled: boolean;
}

export interface PocVersionFinding {
  readonly version: PocVersion;
  /** Which of the sources decided. */
  readonly because: 'setting' | 'chain' | 'call' | 'poll' | 'nothing';
}

/**
 * Which PoC a network uses, by what it says and does, never by a date. The chain's parameter is ahead of the last
 * call: it changes between two PoCs, and the next machine has to suit the next one.
 */
export function pocVersion({
  forced,
  called,
  isV2Enabled,
  isV2Polled,
}: PocVersionEvidence): PocVersionFinding {
  if (forced !== null) return { version: forced, because: 'setting' };
  if (isV2Enabled !== null) return { version: isV2Enabled ? 'v2' : 'v1', because: 'chain' };
  if (called !== null) return { version: called, because: 'call' };
  if (isV2Polled) return { version: 'v2', because: 'poll' };
  return { version: 'v1', because: 'nothing' };
}

/**
 * How many machines may share one PoC. v2 runs on one: validators vote against a participant whose highest nonce is a
 * hundred times its count, so a share of the class would be taken for fraud
 * (docs/reference/protocol.md "Nonce partition").
 */
export function fleetWidth(
  asked: number,
  version: PocVersion,
): { readonly width: number; readonly refusal: string | null } {
  if (version === 'v1' || asked <= 1) return { width: Math.max(1, asked), refusal: null };
  return {
    width: 1,
    refusal: `GPU_FLEET_WIDTH=${asked} is ignored: PoC v2 runs on one machine, because validators take sparse nonces for fraud. Rent a larger machine instead (VASTAI_NUM_GPUS, VASTAI_MIN_TOTAL_VRAM)`,
  };
}
