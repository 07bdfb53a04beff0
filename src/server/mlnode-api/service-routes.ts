import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { MlnodeDesk, ServiceView } from './desk.ts';
import type { PocV2State, StateAnswer, VersionsAnswer } from './service-answers.ts';
import { orSilence } from './silence.ts';

/** State, versions and stop (docs/reference/protocol.md "State and stop"). `version` is this program's own. */
export function serviceRoutes(
  app: FastifyInstance,
  desk: MlnodeDesk,
  log: FastifyBaseLogger,
  version: string,
): void {
  app.get('/api/v1/state', (_request, reply) => reply.send(stateAnswer(desk.view(), version)));

  // No vLLM runs here, and while PoC v1 validates no inference is promised.
  const versions: VersionsAnswer = { version, vllm_version: 'unknown', poc_validation_inference: false };
  app.get('/api/v1/versions', (_request, reply) => reply.send(versions));

  app.post('/api/v1/stop', (_request, reply) =>
    orSilence(reply, log, 'stop', async () => {
      await desk.stop();
      return reply.send({ status: 'OK' });
    }),
  );
}

/**
 * All fields of every version at once: a Network Node of 2025 reads `state` and lets the others be. Outside
 * INFERENCE the three of inference are null, and without a back end they say so, as on the real node.
 */
function stateAnswer(view: ServiceView, version: string): StateAnswer {
  const isInference = view.state === 'INFERENCE';
  return {
    version,
    state: view.state,
    poc_status: isInference ? pocV2Status(view) : null,
    inference_healthy: isInference ? view.isInferenceHealthy : null,
    loaded_model: isInference && view.isInferenceHealthy ? view.expectedModel : null,
    poc_validation_inference: false,
  };
}

/** What PoC v2 shows: what the machine does, and without one whether anybody serves inference. */
export function pocV2Status({ state, isInferenceHealthy, pocV2 }: ServiceView): PocV2State {
  if (state !== 'INFERENCE') return 'NO_BACKENDS';
  if (pocV2 !== undefined) return pocV2.status;
  return isInferenceHealthy ? 'IDLE' : 'NO_BACKENDS';
}
