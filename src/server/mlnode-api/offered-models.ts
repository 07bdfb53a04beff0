import { type InferenceDesk, networkNodeCaller } from '../inference/desk.ts';
import type { MlnodeDesk } from './desk.ts';

/** Which models the Network Node may ask this node for: the expected one and other spellings of the same weights. */
export interface OfferedModels {
  /** Whether the node can be asked for it at all, an outage of the moment aside. */
  isOffered(model: string): boolean;
  /** Whether a back end serves it now. */
  isServed(model: string): boolean;
}

export function offeredModels(desk: MlnodeDesk, inference: InferenceDesk): OfferedModels {
  const candidates = (model: string): number | undefined =>
    inference.candidates(model, networkNodeCaller)?.length;
  return {
    isOffered: (model) => model === desk.view().expectedModel || candidates(model) !== undefined,
    isServed: (model) => {
      const { expectedModel, isInferenceHealthy } = desk.view();
      return isInferenceHealthy && (model === expectedModel || (candidates(model) ?? 0) > 0);
    },
  };
}
