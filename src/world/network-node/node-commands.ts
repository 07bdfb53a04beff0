import { type MlNodeClient, fieldOf } from './ml-node-client.ts';
import type { PowInitBody } from './pow-init-body.ts';

/**
 * The call sequences of the broker's commands for PoC v1 (docs/reference/protocol.md "Call sequences"). The HTTP
 * status of `stop`, `init/*` and `inference/up` is not looked at: only a broken exchange makes a command fail.
 */
export async function startPoc(client: MlNodeClient, init: PowInitBody, signal: AbortSignal): Promise<void> {
  const state = await stateOf(client, signal);
  if (state === 'POW' && (await powStatusOf(client, signal)) === 'GENERATING') return;
  if (state !== undefined && state !== 'STOPPED') await client.post('/api/v1/stop', undefined, signal);
  await client.post('/api/v1/pow/init/generate', init, signal);
}

/** With the body of `startPoc`, so that the ML node only changes its phase. */
export async function initValidate(
  client: MlNodeClient,
  init: PowInitBody,
  signal: AbortSignal,
): Promise<void> {
  const state = await stateOf(client, signal);
  if (state === 'POW' && (await powStatusOf(client, signal)) === 'VALIDATING') return;
  if (state !== undefined && state !== 'STOPPED' && state !== 'POW') {
    await client.post('/api/v1/stop', undefined, signal);
  }
  await client.post('/api/v1/pow/init/validate', init, signal);
}

/** Leaves a healthy node alone when it serves `model`, or when its model list tells nothing. */
export async function inferenceUp(
  client: MlNodeClient,
  model: { readonly id: string; readonly args: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  if ((await stateOf(client, signal)) === 'INFERENCE' && (await isHealthy(client, signal))) {
    const served = await firstModelOf(client, signal);
    if (served === undefined || served === model.id) return;
  }
  await client.post('/api/v1/stop', undefined, signal);
  const body = { model: model.id, dtype: 'auto', additional_args: model.args };
  await client.post('/api/v1/inference/up', body, signal);
}

export async function stop(client: MlNodeClient, signal: AbortSignal): Promise<void> {
  await client.post('/api/v1/stop', undefined, signal);
}

/** Undefined when the call failed or was not answered with exactly 200. */
export async function stateOf(client: MlNodeClient, signal: AbortSignal): Promise<unknown> {
  return fieldOrNothing(client, client.managementUrl('/api/v1/state'), 'state', signal);
}

async function powStatusOf(client: MlNodeClient, signal: AbortSignal): Promise<unknown> {
  return fieldOrNothing(client, client.managementUrl('/api/v1/pow/status'), 'status', signal);
}

export async function isHealthy(client: MlNodeClient, signal: AbortSignal): Promise<boolean> {
  try {
    return (await client.get(client.inferenceUrl('/health'), signal)).status === 200;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

export async function firstModelOf(client: MlNodeClient, signal: AbortSignal): Promise<unknown> {
  const data = await fieldOrNothing(client, client.inferenceUrl('/v1/models'), 'data', signal);
  const first = Array.isArray(data) ? (data[0] as { id?: unknown } | undefined) : undefined;
  return first?.id;
}

async function fieldOrNothing(
  client: MlNodeClient,
  url: string,
  field: string,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    return fieldOf(await client.get(url, signal), field);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
