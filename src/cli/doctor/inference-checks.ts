import { createHyperbolicUpstream, createOpenAiUpstream } from '../../adapters/upstream/index.ts';
import type { BackEndConfig } from '../../config/config.ts';
import { type Check, error, failed, type Finding, ok, warning } from './finding.ts';

/** Every inference API: its key, and whether it serves the model that this node presents. */
export const inferenceCheck: Check = async ({ config, signal }) =>
  Promise.all(config.backEnds.map((backEnd) => backEndFinding(backEnd, signal)));

async function backEndFinding(backEnd: BackEndConfig, signal: AbortSignal): Promise<Finding> {
  const { api, name, baseUrl, apiKey: key, model } = backEnd;
  const check = `inference.${name}`;
  const create = api === 'hyperbolic' ? createHyperbolicUpstream : createOpenAiUpstream;
  try {
    const models = await create({ name, baseUrl, key }).upstream.models(signal);
    const served = models.find(({ id }) => id === model);
    if (served === undefined)
      return error(
        check,
        `${baseUrl} does not list ${model}`,
        'see "hybrid-mlnode models", and set MLNODE_INFERENCE_MODEL',
      );
    const { inputUsdPerMillion: price } = served;
    if (price === null)
      return warning(
        check,
        `${name} serves ${model} and states no price`,
        'caps count UPSTREAM_FALLBACK_PRICE for it',
      );
    return ok(check, `${name} serves ${model} for $${price.toFixed(2)} a million tokens`);
  } catch (thrown) {
    return failed(check, thrown, `check the key and the base URL of ${name} (${baseUrl})`);
  }
}
