import { type MlNodeClient, pocV2StatusOf } from './ml-node-client.ts';
import { firstModelOf, isHealthy, stateOf } from './node-commands.ts';
import type { PocV2Init } from './poc-v2-bodies.ts';

/**
 * The call sequences of the broker's commands for PoC v2 (docs/reference/protocol.md "Call sequences"): no stop, no
 * start of a model. A status from 400 on, or a body that is no JSON, makes the command fail.
 */
export async function startPocV2(client: MlNodeClient, init: PocV2Init, signal: AbortSignal): Promise<void> {
  if ((await pocV2StatusOf(client, signal)) === 'GENERATING') return;
  await client.postForJson('/api/v1/inference/pow/init/generate', init, signal);
}

/**
 * Leaves a healthy node alone when it serves `model`, or when its model list tells nothing; a PoC that still runs
 * there is stopped.
 */
export async function inferenceUpV2(
  client: MlNodeClient,
  model: { readonly id: string; readonly args: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  if ((await stateOf(client, signal)) === 'INFERENCE' && (await isHealthy(client, signal))) {
    const served = await firstModelOf(client, signal);
    if (served === undefined || served === model.id) {
      const poc = await pocV2StatusOf(client, signal);
      if (poc === 'GENERATING' || poc === 'VALIDATING')
        await client.postForJson('/api/v1/inference/pow/stop', {}, signal);
      return;
    }
  }
  await client.post('/api/v1/stop', undefined, signal);
  const body = { model: model.id, dtype: 'auto', additional_args: model.args };
  await client.post('/api/v1/inference/up', body, signal);
}
