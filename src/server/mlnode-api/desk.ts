import type { PocV2Call, PowCall, PowStatus } from '../../adapters/mlnode/interface.ts';
import type { Megabytes } from '../../units.ts';

/** What PoC v2 shows of the machine that serves it. */
export interface PocV2View {
  readonly status: 'IDLE' | 'GENERATING' | 'VALIDATING';
  /** The machine's vLLMs as it told of them last. */
  readonly backEnds: readonly Readonly<Record<string, unknown>>[];
}

/** What the ML node API presents at this moment; always from memory (invariant I12). */
export interface ServiceView {
  readonly state: 'INFERENCE' | 'POW' | 'STOPPED';
  /** Non-null exactly while the state is POW. */
  readonly pow: PowStatus | null;
  /** Whether a back end serves `expectedModel`. */
  readonly isInferenceHealthy: boolean;
  readonly expectedModel: string;
  /** Absent = no machine serves PoC v2. */
  readonly pocV2?: PocV2View;
}

/** One GPU of an attached machine, as its driver names it. */
export interface GpuDevice {
  readonly name: string;
  readonly totalMemoryMb: Megabytes;
}

/** `silence`: the socket is closed unanswered, the only failure of a v1 work call that the Network Node notices. */
export type PowReply =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  | { readonly kind: 'silence' };

/** The answer to a call of PoC v2: the Network Node reads status and body, and every 2xx must be JSON. */
export interface JsonReply {
  readonly status: number;
  readonly body: string;
}

/** What stands behind the ML node API. Implemented by `wiring/`; every change is durable before it resolves. */
export interface MlnodeDesk {
  view(): ServiceView;
  /**
   * GPUs of the machine that stays attached from one PoC to the next (`epoch` policy), from memory. One that comes
   * for a sprint is none of them: the Network Node publishes what it sees here, and it would flap on chain.
   * Absent = there is never one.
   */
  devices?(): readonly GpuDevice[];
  stop(): Promise<void>;
  /** `body` is the Network Node's own, kept for a later model start. */
  inferenceUp(body: string): Promise<void>;
  inferenceDown(): Promise<void>;
  /**
   * A PoC call, after the one-service rule was checked. `body` is the raw text as received; work calls are relayed
   * to the rented machine with `url` rewritten to the relay, and acknowledged only if it took them (invariant I8).
   */
  pow(call: PowCall, body: string): Promise<PowReply>;
  /**
   * A call of PoC v2, checked against its schema. Work is relayed to the rented machine with `url` rewritten to the
   * relay and acknowledged only if it took it, else 503 (invariant I8). Absent = no machine ever serves PoC v2.
   */
  pocV2?(call: PocV2Call, body: string): Promise<JsonReply>;
  /** The machine's own word on a queued computation. */
  pocV2Result?(requestId: string): Promise<JsonReply>;
  /** The Network Node asked for the status of PoC v2, which older ones never do. Returns at once. */
  pocV2Polled?(): void;
}
