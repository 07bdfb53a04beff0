import type { ChainFlavour } from '../world/chain/flavour.ts';
import { servedModel } from './settings.ts';

/** The smallest model that ever counted in PoC v2, and an image that can do it. */
const pocV2Model = 'Qwen/Qwen3-32B-FP8';
const pocV2Image = 'ghcr.io/gonka-ai/mlnode:3.0.14-post2';

/** The model that the network of a simulation runs. */
export const modelOn = (chain: ChainFlavour): string => (chain.startsWith('v2') ? pocV2Model : servedModel);

/** What an operator sets for such a chain, beside the defaults: a machine that holds the model, and means to keep it. */
export function chainSettings(chain: ChainFlavour): Readonly<Record<string, string>> {
  return {
    ...(chain.startsWith('v2')
      ? {
          // Two rentals at that price, hold and tail included; the default holds none.
          MAX_DAILY_SPEND: '10',
          MLNODE_INFERENCE_MODEL: pocV2Model,
          HYPERBOLIC_MODEL: servedModel,
          DOCKER_IMAGE: pocV2Image,
          VASTAI_MIN_VRAM: '40',
          VASTAI_MAX_PRICE: '3',
        }
      : {}),
    // A whole day at the highest price, and a second machine's reservation beside it while it boots.
    ...(chain.endsWith('-confirmation') ? { MAX_DAILY_SPEND: chain.startsWith('v2') ? '200' : '100' } : {}),
  };
}

/** Whether machines serve from one PoC to the next there, not only until validation ends. */
export const isHeldOn = (chain: ChainFlavour, policy: string): boolean =>
  policy === 'epoch' || (policy === 'auto' && chain.endsWith('-confirmation'));
