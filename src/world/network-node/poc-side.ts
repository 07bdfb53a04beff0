import type { WorldClock } from '../clock.ts';
import type { WorldOutcome, WorldRequest } from '../exchange.ts';
import type { CallbackLog } from './callback-log.ts';
import type { EpochLedger } from './epoch-ledger.ts';
import type { MlNodeClient } from './ml-node-client.ts';
import type { NodeRecord, NodeTarget } from './node-record.ts';
import type { NodeRegistry } from './node-registry.ts';
import type { OtherParticipant } from './other-participants.ts';
import type { PocBook } from './poc-book.ts';
import type { PocSpan } from './poc-span.ts';

/** What both generations of PoC need of the Network Node. */
export interface PocSideContext {
  readonly clock: WorldClock;
  readonly seed: number;
  readonly registry: NodeRegistry;
  readonly ledger: EpochLedger;
  readonly log: CallbackLog;
  /** Hex. */
  readonly publicKey: string;
  readonly participants: readonly OtherParticipant[];
  height(): number | undefined;
  client(node: NodeRecord): MlNodeClient;
  model(node: NodeRecord): { readonly id: string; readonly args: readonly string[] };
  callbackOrigin(): string;
  /** Whether the node is in this epoch's PoC at all (registered in time, not disabled). */
  isOperational(node: NodeRecord): boolean;
  /** Aborted when the program ends. */
  signal(): AbortSignal;
}

/** What differs between the generations of PoC. */
export interface PocSide {
  /** Brings a node to POC; the status follows unless it throws. */
  command(node: NodeRecord, target: NodeTarget, span: PocSpan, signal: AbortSignal): Promise<void>;
  inferenceUp(node: NodeRecord, signal: AbortSignal): Promise<void>;
  /** Whether a command to that target may be given at all in the node's present status. */
  isPossible(node: NodeRecord, target: NodeTarget): boolean;
  /** Gives the other participants' work to the nodes. */
  validate(book: PocBook): Promise<void>;
  /** What the other validators find wrong with ours. */
  objection(book: PocBook): string | undefined;
  callbacks(request: WorldRequest): Promise<WorldOutcome>;
}

/** Public keys that a `validated` callback may name. */
export const participantKeys = ({ publicKey, participants }: PocSideContext): ReadonlySet<string> =>
  new Set([publicKey, ...participants.map((other) => other.publicKey)]);
