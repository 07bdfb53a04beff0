import type { ConfirmationPoc } from './confirmation-event.ts';
import type { BlockCount, BlockHeight, UnixMs } from '../../units.ts';

/** The stages of one epoch, absolute heights. Source: docs/reference/protocol.md "Epoch arithmetic". */
export interface EpochStages {
  readonly epochIndex: number;
  readonly pocStartHeight: BlockHeight;
  readonly pocGenerationWindDownHeight: BlockHeight;
  readonly pocGenerationEndHeight: BlockHeight;
  readonly pocValidationStartHeight: BlockHeight;
  readonly pocValidationWindDownHeight: BlockHeight;
  readonly pocValidationEndHeight: BlockHeight;
  readonly setNewValidatorsHeight: BlockHeight;
  readonly nextPocStartHeight: BlockHeight;
  /** Generated batches are accepted in [start, end]. */
  readonly exchangeStartHeight: BlockHeight;
  readonly exchangeEndHeight: BlockHeight;
}

export type ChainPhase =
  | 'PoCGenerate'
  | 'PoCGenerateWindDown'
  | 'PoCValidate'
  | 'PoCValidateWindDown'
  | 'Inference';

/** The chain as one source saw it at one moment. */
export interface ChainHead {
  readonly height: BlockHeight;
  /** When this answer arrived, on the daemon's clock (the epochs endpoint carries no block time). */
  readonly seenAt: UnixMs;
  readonly phase: ChainPhase;
  /** Index of the latest epoch; it grows at `poc_start`, not at the validator switch. */
  readonly latestEpochIndex: number;
  /** The epoch of `latestEpochIndex`. */
  readonly current: EpochStages;
  /** The epoch after it: always projected from the live answer, never from `epoch_shift`. */
  readonly next: EpochStages;
  readonly epochLength: BlockCount;
  readonly isConfirmationPocActive: boolean;
  /** The one that runs; null when none does, or when the source names none. */
  readonly confirmation?: ConfirmationPoc | null;
}

/** Governance parameters that plans depend on (docs/reference/protocol.md "Confirmation PoC"). */
export interface ChainParams {
  /** 0 when the chain has no confirmation PoC. */
  readonly expectedConfirmationsPerEpoch: number;
  /** Null where the parameters do not say. */
  readonly isPocV2Enabled: boolean | null;
}

export interface Chain {
  /**
   * Asks one source for `epochs/latest` (both answer shapes are read).
   * Throws CHAIN_UNREACHABLE, CHAIN_BAD_ANSWER, ABORTED.
   */
  head(signal: AbortSignal): Promise<ChainHead>;
  /**
   * Whether the chain has an account of that address (docs/reference/protocol.md "Participants endpoint").
   * Throws CHAIN_UNREACHABLE, CHAIN_BAD_ANSWER, ABORTED.
   */
  knowsAccount(address: string, signal: AbortSignal): Promise<boolean>;
  /**
   * The chain's governance parameters, which operators may hide. Throws CHAIN_UNREACHABLE, CHAIN_BAD_ANSWER, ABORTED.
   */
  params(signal: AbortSignal): Promise<ChainParams>;
  /** What the last look found of each of several sources. Absent where there is one. */
  sources?(): readonly SourceView[];
  /** Remembers in these rows, over restarts, what several sources were believed to say. Absent where there is one. */
  keepHeadIn?(rows: HeadRows): void;
}

/** Rows by key, of the daemon's store. */
export interface HeadRows {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
}

/** One of several sources as the last look at all of them saw it. */
export interface SourceView {
  readonly name: string;
  /** How it stands beside the others, in one word (`SourceStanding` of `policy/source-choice.ts`). */
  readonly standing: string;
  /** As it said last; null before its first answer. */
  readonly height: number | null;
  /** When it said so, the daemon's clock. */
  readonly seenAt: number | null;
  /** Code of what went wrong at the last look; null = it answered. */
  readonly fault: string | null;
}
