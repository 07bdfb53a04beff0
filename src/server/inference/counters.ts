/** Figures of the inference port since the start of the process. */
export interface InferenceCounters {
  /** Well-formed requests for a model of this node, whatever became of them. */
  requests: number;
  /** Of these, the ones without a complete answer through the back end's fault. */
  failed: number;
  /** Of these, the ones that asked for a stream. */
  streamed: number;
  /** Of these, the ones whose caller left before the end. */
  cancelled: number;
  /**
   * Refused for their own sake: malformed, for another model, asking for enforced tokens (these are not in
   * `requests`), or found wrong by the back end (these are).
   */
  refused: number;
}

export const newInferenceCounters = (): InferenceCounters => ({
  requests: 0,
  failed: 0,
  streamed: 0,
  cancelled: 0,
  refused: 0,
});
