import type { FastifyInstance } from 'fastify';
import type { MlnodeDesk, ServiceView } from './desk.ts';
import type { GpuDeviceAnswer } from './gpu-answers.ts';
import { deviceList } from './gpu-routes.ts';
import type { HealthAnswer, ReadyAnswer } from './health-answers.ts';

/**
 * vLLM's own health as the Network Node polls it on the inference port: the status says everything. With a segment
 * of `/v1` in the node's definition the path is `/v1/health`.
 */
export function inferenceHealthRoutes(app: FastifyInstance, desk: MlnodeDesk): void {
  for (const path of ['/health', '/v1/health']) {
    app.get(path, (_request, reply) => reply.code(servesInference(desk.view()) ? 200 : 503).send());
  }
}

/**
 * The ML node's health in its JSON forms (docs/reference/protocol.md "Health"). On a shared port `/health` has the
 * inference meaning, so the form lives under `/livez` and `/api/v1/health`.
 */
export function healthFormRoutes(app: FastifyInstance, desk: MlnodeDesk, paths: readonly string[]): void {
  for (const path of paths) {
    app.get(path, (_request, reply) => {
      const view = desk.view();
      return reply
        .code(isHealthy(view) ? 200 : 503)
        .send(healthForm(view, deviceList(desk.devices?.() ?? [])));
    });
  }
  app.get('/readyz', (_request, reply) => {
    const ready = isHealthy(desk.view());
    return reply.code(ready ? 200 : 503).send({ ready } satisfies ReadyAnswer);
  });
}

const servesInference = (view: ServiceView): boolean => view.state === 'INFERENCE' && view.isInferenceHealthy;
const isHealthy = (view: ServiceView): boolean => view.state !== 'INFERENCE' || view.isInferenceHealthy;

function healthForm(view: ServiceView, devices: GpuDeviceAnswer[]): HealthAnswer {
  const idle = { running: false, healthy: false };
  return {
    status: isHealthy(view) ? 'healthy' : 'unhealthy',
    service_state: view.state,
    gpu: { available: devices.length > 0, count: devices.length, devices },
    managers: {
      pow: view.state === 'POW' ? { running: true, healthy: true } : idle,
      inference: view.state === 'INFERENCE' ? { running: true, healthy: view.isInferenceHealthy } : idle,
      train: idle,
    },
  };
}
