import type { WorldClock } from '../clock.ts';
import type { EpochParams } from './epoch-schedule.ts';
import type { AnswerShape, EpochsAnswer, RunningConfirmation } from './epochs-answer.ts';
import type { ChainFlavour, ChainScale, ConfirmationParams } from './flavour.ts';

export interface ChainWorldOptions {
  readonly clock: WorldClock;
  readonly seed: number;
  /** World milliseconds between two blocks. Default 5350, as on mainnet. */
  readonly blockTimeMs?: number;
  /** Default `v1`. */
  readonly flavour?: ChainFlavour;
  /** Default `demo`. */
  readonly scale?: ChainScale;
  /** Over those of the flavour. */
  readonly params?: Partial<EpochParams>;
  /** Over those of the flavour, where it has any. */
  readonly confirmation?: Partial<ConfirmationParams>;
  /** So many blocks into an epoch's window the first confirmation PoC is triggered at the latest. Default: chance alone. */
  readonly firstConfirmationWithinBlocks?: number;
  /** Height at the start. Default 2 089 000. */
  readonly startHeight?: number;
  /** `poc_start` of the first PoC after `startHeight`. Default `startHeight` + 200. */
  readonly firstPocStartHeight?: number;
  /** Index of the latest epoch before that PoC. Default 135. */
  readonly epochIndex?: number;
  /** Default `flat`. */
  readonly answerShape?: AnswerShape;
  /**
   * The next height after `height` whose block a subscriber could notice: the blocks before it arrive untold, which is
   * how a simulation passes quiet time. Asked anew by `rearm`. Default: the next block, always.
   */
  readonly nextHeightOfInterest?: (height: number) => number;
  /** Accounts that `/v1/participants/{address}` knows. Default none. */
  readonly accounts?: Readonly<Record<string, { readonly pubkey: string; readonly balance: number }>>;
  /** What governance has approved: model id → arguments of vLLM. Default none. */
  readonly governanceModels?: Readonly<Record<string, readonly string[]>>;
}

/** A new block as the chain's own subscribers see it. */
export interface Block {
  readonly height: number;
  /** Upper-case hex. */
  readonly hash: string;
  /** Hash of the block at which the latest epoch's PoC started (a subscriber that came later would query it). */
  readonly pocStartHash: string;
  readonly epochs: EpochsAnswer;
  /** The confirmation PoC that runs, with what a chain node keeps of it. */
  readonly confirmation?: RunningConfirmation;
}

/** What governance may change in mid-run. */
export interface GovernanceChange {
  readonly epoch?: Partial<EpochParams>;
  readonly confirmation?: Partial<ConfirmationParams>;
}
