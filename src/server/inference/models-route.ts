import type { FastifyInstance } from 'fastify';

/**
 * `GET /v1/models`: the one model that this node serves. The Network Node compares `data[0].id` with the governance
 * model it expects and fails the node otherwise (docs/reference/protocol.md "Pitfalls"), so it comes from memory.
 */
export function modelsRoute(app: FastifyInstance, model: () => string): void {
  app.get('/v1/models', (_request, reply) =>
    reply.send({ object: 'list', data: [{ id: model(), object: 'model', created: 0, owned_by: 'vllm' }] }),
  );
}
