import type { FastifyInstance } from 'fastify';
import type { MlnodeDesk, ServiceView } from './desk.ts';

/** vLLM's own health as the Network Node polls it on the inference port: the status says everything. */
export function inferenceHealthRoute(app: FastifyInstance, desk: MlnodeDesk): void {
  app.get('/health', (_request, reply) => reply.code(servesInference(desk.view()) ? 200 : 503).send());
}

/**
 * The ML node's health in its JSON forms (docs/reference/protocol.md "Health"). On a shared port `/health` has the
 * inference meaning, so the form lives under `/livez` and `/api/v1/health`.
 */
export function healthFormRoutes(app: FastifyInstance, desk: MlnodeDesk, paths: readonly string[]): void {
  for (const path of paths) {
    app.get(path, (_request, reply) => {
      const view = desk.view();
      return reply.code(isHealthy(view) ? 200 : 503).send(healthForm(view));
    });
  }
  app.get('/readyz', (_request, reply) => {
    const ready = isHealthy(desk.view());
    return reply.code(ready ? 200 : 503).send({ ready });
  });
}

const servesInference = (view: ServiceView): boolean => view.state === 'INFERENCE' && view.isInferenceHealthy;
const isHealthy = (view: ServiceView): boolean => view.state !== 'INFERENCE' || view.isInferenceHealthy;

function healthForm(view: ServiceView): object {
  const idle = { running: false, healthy: false };
  return {
    status: isHealthy(view) ? 'healthy' : 'unhealthy',
    service_state: view.state,
    // No GPU of its own: nothing is invented.
    gpu: { available: false, count: 0, devices: [] },
    managers: {
      pow: view.state === 'POW' ? { running: true, healthy: true } : idle,
      inference: view.state === 'INFERENCE' ? { running: true, healthy: view.isInferenceHealthy } : idle,
      train: idle,
    },
  };
}
