import type { WorldClock } from '../clock.ts';
import type { Outbound } from '../exchange.ts';
import type { OtherParticipant } from './other-participants.ts';
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
  /** Default: mainnet's. */
  readonly pow?: PowParams;
  /** Prefix of every path at an ML node, from the last upgrade plan, for example `v3.0.8`. Default: none. */
  readonly nodeVersion?: string;
  /** Called whenever a node's definition or number changed, or only its status; `nextHeightOfInterest` may differ. */
  readonly onStir?: (what: 'nodes' | 'status') => void;
  /** World milliseconds between two chat requests; 0 = none. Default 20 000. */
  readonly chatIntervalMs?: number;
}
