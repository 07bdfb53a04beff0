import type { FastifyInstance } from 'fastify';
import type { MlnodeDesk } from './desk.ts';
import { detail } from './fastapi-answer.ts';
import { jsonRequest } from './json-request.ts';
import type { PocV2StatusAnswer, PocV2StoppedAnswer } from './poc-v2-answers.ts';
import { pocV2GenerateRequest, pocV2InitRequest } from './poc-v2-request.ts';
import { pocV2Status } from './service-routes.ts';

const noBackends = 'No vLLM backends available';

/**
 * PoC v2 (docs/reference/protocol.md "PoC v2") as a node shows it none of whose machines serves it: work is refused
 * with the 503 that the Network Node notices (invariant I8), status comes from memory. Not subject to the
 * one-service rule. Every 2xx answer is JSON, which the Network Node insists on.
 */
export function pocV2Routes(app: FastifyInstance, desk: MlnodeDesk): void {
  const root = '/api/v1/inference/pow';
  app.get(`${root}/status`, (_request, reply) =>
    reply.send({ status: pocV2Status(desk.view()), backends: [] } satisfies PocV2StatusAnswer),
  );
  app.post(`${root}/stop`, (_request, reply) =>
    reply.send({ status: 'OK', message: 'No backends to stop' } satisfies PocV2StoppedAnswer),
  );
  app.post(`${root}/init/generate`, (request, reply) => {
    const asked = jsonRequest(request, reply, pocV2InitRequest);
    return 'refused' in asked ? asked.refused : detail(reply, 503, noBackends);
  });
  app.post(`${root}/generate`, (request, reply) => {
    const asked = jsonRequest(request, reply, pocV2GenerateRequest);
    return 'refused' in asked ? asked.refused : detail(reply, 503, noBackends);
  });
  app.get<{ Params: { requestId: string } }>(`${root}/generate/:requestId`, (request, reply) => {
    const [port = '', ...rest] = request.params.requestId.split(':');
    if (rest.length === 0) return detail(reply, 400, 'Invalid request_id format (expected port:uuid)');
    if (!/^\d+$/.test(port)) return detail(reply, 400, 'Invalid port in request_id');
    return detail(reply, 404, 'Request not found');
  });
}
