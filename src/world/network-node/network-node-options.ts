import type { WorldClock } from '../clock.ts';
import type { Outbound } from '../exchange.ts';
import type { OtherParticipant } from './other-participants.ts';
import type { PocV2Params } from './artifact-objection.ts';
import type { PreservedTerms } from './preserved-nodes.ts';
import type { PowParams } from './pow-init-body.ts';

export interface NetworkNodeWorldOptions {
  readonly clock: WorldClock;
  readonly seed: number;
  /** How it reaches ML nodes. */
  readonly call: Outbound;
  /** Origin of its callback server as ML nodes are told it, for example `http://127.0.0.1:9100`. */
  readonly callbackOrigin: string | (() => string);
  /** Governance model id → governance arguments of vLLM. Default: QwQ-32B without arguments. */
  readonly governanceModels?: Readonly<Record<string, readonly string[]>>;
  /** Hex of the own account's public key. Default: made of the seed. */
  readonly publicKey?: string;
  /** Hosts whose batches are validated beside the own ones. Default: three. */
  readonly participants?: readonly OtherParticipant[];
  /** Generation of PoC that it drives. Default 1. */
  readonly pocVersion?: 1 | 2;
  /** Default: mainnet's of v1. */
  readonly pow?: PowParams;
  /** Default: mainnet's of v2. */
  readonly pocV2?: Partial<PocV2Params>;
  /** Whether callbacks of PoC v2 name the model in their path, as since v0.2.12. Default true. */
  readonly hasModelSegment?: boolean;
  /** Ratio below which a confirmation PoC makes the participant inactive. Default 0.5. */
  readonly confirmationAlpha?: number;
  /**
   * Nodes that a PoC leaves in service, each with this probability: known from the epoch switch on (`known`), or drawn
   * at the start of each regular and confirmation PoC, as since v0.2.12 (`drawn`). Default: none.
   */
  readonly preserved?: PreservedTerms;
  /** Prefix of every path at an ML node, from the last upgrade plan, for example `v3.0.8`. Default: none. */
  readonly nodeVersion?: string;
  /** Called whenever a node's definition or number changed, or only its status; `nextHeightOfInterest` may differ. */
  readonly onStir?: (what: 'nodes' | 'status') => void;
  /** World milliseconds between two chat requests; 0 = none. Default 20 000. */
  readonly chatIntervalMs?: number;
}
