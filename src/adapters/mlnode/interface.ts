/** `GET /api/v1/state` (docs/reference/protocol.md "State and stop"). */
export type MlnodeServiceState = 'POW' | 'INFERENCE' | 'TRAIN' | 'STOPPED' | 'UNKNOWN';

/** `pow_status` of PoC v1. LOADING shows only while the phase is IDLE; readiness is `isModelInitialized`. */
export interface PowStatus {
  readonly status: 'IDLE' | 'NOT_LOADED' | 'LOADING' | 'GENERATING' | 'VALIDATING' | 'STOPPED' | 'MIXED';
  readonly isModelInitialized: boolean;
}

export type PowCall =
  | 'init'
  | 'init/generate'
  | 'init/validate'
  | 'phase/generate'
  | 'phase/validate'
  | 'validate'
  | 'stop';

/** The ML node's own answer to a relayed call, passed on as it is. */
export interface MlnodeAnswer {
  readonly status: number;
  readonly body: string;
}

/** The official ML node on a rented machine. Every method throws MLNODE_UNREACHABLE, MLNODE_BAD_ANSWER, ABORTED. */
export interface Mlnode {
  state(signal: AbortSignal): Promise<MlnodeServiceState>;
  /** `null` when the node answers 409 (another service runs). */
  powStatus(signal: AbortSignal): Promise<PowStatus | null>;
  /**
   * `POST /api/v1/pow/{call}` with the body's bytes as given, `application/json`. Any HTTP status is an answer;
   * only a broken exchange throws.
   */
  pow(call: PowCall, body: string | undefined, signal: AbortSignal): Promise<MlnodeAnswer>;
  /** `POST /api/v1/stop`; the real one may take 10–35 s. */
  stop(signal: AbortSignal): Promise<void>;
}
