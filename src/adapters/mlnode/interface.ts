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

/** Calls of PoC v2, under `/api/v1/inference/pow` (docs/reference/protocol.md "PoC v2 endpoints"). */
export type PocV2Call = 'init/generate' | 'generate' | 'stop';

/** The ML node's own answer to a relayed call, passed on as it is. */
export interface MlnodeAnswer {
  readonly status: number;
  readonly body: string;
}

/** Which init a vLLM works on. */
export interface PocV2Config {
  readonly blockHash: string;
  readonly blockHeight: number;
  readonly publicKey: string;
  readonly nodeId: number;
  readonly nodeCount: number;
}

/** One vLLM of the machine. */
export interface PocV2BackEnd {
  readonly port: number;
  readonly status: string;
  readonly config: PocV2Config | null;
  /** Everything as the machine told it, to be told again. */
  readonly told: Readonly<Record<string, unknown>>;
}

/** `GET /api/v1/inference/pow/status`. */
export interface PocV2Status {
  readonly status: 'IDLE' | 'GENERATING' | 'VALIDATING' | 'MIXED' | 'NO_BACKENDS';
  readonly backEnds: readonly PocV2BackEnd[];
}

/** `GET /api/v1/inference/up/status`. */
export interface ModelStart {
  readonly status: 'not_started' | 'in_progress' | 'completed' | 'failed' | 'cancelled';
  readonly elapsedSeconds: number;
  readonly error: string | null;
}

/** `POST /api/v1/models/status`; `null` fields where the node does not say. */
export interface ModelFile {
  readonly status: 'DOWNLOADED' | 'DOWNLOADING' | 'NOT_FOUND' | 'PARTIAL' | 'IGNORED';
  readonly elapsedSeconds: number | null;
  readonly error: string | null;
}

/** A model as the node keeps it: repository and commit; `null` = the newest. */
export interface ModelName {
  readonly repo: string;
  readonly commit: string | null;
}

/** The official ML node on a rented machine. Every method throws MLNODE_UNREACHABLE, MLNODE_BAD_ANSWER, ABORTED. */
export interface Mlnode extends MlnodePocV2, MlnodeModels {
  state(signal: AbortSignal): Promise<MlnodeServiceState>;
  /** `null` when the node answers 409 (another service runs). */
  powStatus(signal: AbortSignal): Promise<PowStatus | null>;
  /**
   * `POST /api/v1/pow/{call}` with the body's bytes as given, `application/json`. Any HTTP status is an answer;
   * only a broken exchange throws.
   */
  pow(call: PowCall, body: string | undefined, signal: AbortSignal): Promise<MlnodeAnswer>;
  /** `POST /api/v1/stop`; the real one may take 10–35 s. Unloads the model of PoC v2. */
  stop(signal: AbortSignal): Promise<void>;
}

/** PoC v2 of the node. Any HTTP status of a call is an answer. */
export interface MlnodePocV2 {
  pocV2(call: PocV2Call, body: string, signal: AbortSignal): Promise<MlnodeAnswer>;
  /** `GET /api/v1/inference/pow/generate/{requestId}`. */
  pocV2Result(requestId: string, signal: AbortSignal): Promise<MlnodeAnswer>;
  /** `null` when the image knows no PoC v2 (404). */
  pocV2Status(signal: AbortSignal): Promise<PocV2Status | null>;
}

/** The model of the node's vLLM (docs/reference/protocol.md "Inference control", "Models"). */
export interface MlnodeModels {
  /** `null` when the node keeps no model cache (404, 405). */
  modelFile(model: ModelName, signal: AbortSignal): Promise<ModelFile | null>;
  /** Begins a download; one that runs or is done already is fine. Throws MLNODE_REFUSED. */
  downloadModel(model: ModelName, signal: AbortSignal): Promise<void>;
  /**
   * `inference/up/async`, `inference/up` on a node without it. Resolves `isUp: true` when the node waited itself.
   * A start that runs already (409) counts as begun. Throws MODEL_START_FAILED with the node's reason.
   */
  startModel(body: string, signal: AbortSignal): Promise<{ readonly isUp: boolean }>;
  /** `null` on a node without `up/status` (404, 405). */
  modelStart(signal: AbortSignal): Promise<ModelStart | null>;
  /** `GET /v1/models` through the node's proxy: what vLLM serves; empty while it serves nothing. */
  servedModels(signal: AbortSignal): Promise<readonly string[]>;
}
