import type { UpstreamDialect } from '../../adapters/upstream/dialect.ts';
import type { Upstream } from '../../adapters/upstream/interface.ts';
import type { ErrorCode } from '../../errors.ts';
import type { BackEndTraits } from './request-mapping.ts';

/** What one answered request cost, as the back end counted it. */
export interface InferenceUsage {
  readonly upstream: string;
  /** The id that the caller asked for and got in the answer. */
  readonly model: string;
  /** The back end's id of it: the one that has a price. */
  readonly upstreamModel: string;
  /** `InferenceCaller.id`. */
  readonly caller: string;
  readonly isStream: boolean;
  /** Null when the back end stated no usage: counted as unknown, never as free. */
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /**
   * Where one of the two is null: words of the prompt, and tokens that were seen passing. Too few rather than too many;
   * for caps, which nobody shall get round by leaving early.
   */
  readonly seen?: { readonly promptTokens: number; readonly completionTokens: number };
  /** False when the answer broke off or the caller left: tokens may have been billed all the same. */
  readonly isComplete: boolean;
}

/** Who asks. A `direct` client may be served substitutes; whoever is not known to be one counts as the Network Node. */
export interface InferenceCaller {
  readonly kind: 'networkNode' | 'direct';
  /** For the books; no secret. */
  readonly id: string;
}

/** What one call taught about its back end. Callers' faults and callers who leave teach nothing. */
export type BackEndNews =
  | { readonly kind: 'answered' }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      /** The back end's id of the model. */
      readonly model: string;
      /** As it asked for. */
      readonly retryAfterSeconds: number | null;
    };

/** One place that answers inference: an API, or the vLLM of a rented machine. Every method answers from memory. */
export interface BackEnd {
  readonly name: string;
  readonly upstream: Upstream;
  readonly dialect: UpstreamDialect;
  /** `always`: streamed from there even for plain callers, and put together here. */
  readonly stream: 'always' | 'asAsked';
  /** Whether `enforced_tokens` and `enforced_str` are honoured: only by the network's own vLLM. */
  readonly isEnforcing: boolean;
  readonly limits: {
    /** From sending to the first byte of the answer's body, real milliseconds. */
    readonly firstTokenMs: number;
    /** From sending to the answer's end, real milliseconds. */
    readonly totalMs: number;
  };
  traits(model: string): BackEndTraits;
  /** Zero when it may be asked now, else the real milliseconds after which it is worth asking again. */
  restMs(): number;
  /** Takes one request of its rate; zero when it may go at once, else the real milliseconds until one is free. */
  takeTurn(): number;
  note(news: BackEndNews): void;
}

/** A back end that serves the model asked for, and its own id of it. */
export interface Candidate {
  readonly backEnd: BackEnd;
  readonly model: string;
}

/** What stands behind the inference port. Implemented by `wiring/`. */
export interface InferenceDesk {
  /** Governance model id that this node serves, for callers who name none. */
  readonly model: string;
  /** What `GET /v1/models` lists; the first one is the expected model. */
  models(): readonly string[];
  /**
   * Back ends for `model`, in order of preference, those included that rest at the moment. Undefined when this node
   * does not offer the model to this caller; empty when no back end serves it now.
   */
  candidates(model: string, caller: InferenceCaller): readonly Candidate[] | undefined;
  /** @default everybody is the Network Node */
  callerOf?(request: {
    readonly headers: Readonly<Record<string, unknown>>;
    readonly ip: string;
  }): InferenceCaller;
  /** Called once for each answer that a back end began, so twice for a request that was sent again. Must not block: batch what you store. */
  account(usage: InferenceUsage): void;
}

export const networkNodeCaller: InferenceCaller = { kind: 'networkNode', id: 'network-node' };
