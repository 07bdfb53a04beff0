/** Figures of the inference port since the start of the process. */
export interface InferenceCounters {
  /** Requests handed to the back end. */
  requests: number;
  /** Of these, the ones without a complete answer through the back end's fault. */
  failed: number;
  /** Of these, the ones that asked for a stream. */
  streamed: number;
  /** Of these, the ones whose caller left before the end. */
  cancelled: number;
  /** Not handed on: malformed, for another model, or asking for enforced tokens. */
  refused: number;
}

export const newInferenceCounters = (): InferenceCounters => ({
  requests: 0,
  failed: 0,
  streamed: 0,
  cancelled: 0,
  refused: 0,
});
