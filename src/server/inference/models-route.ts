import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

export const offeredModelsAnswer = z.strictObject({
  object: z.literal('list'),
  data: z
    .array(
      z.strictObject({
        id: z.string(),
        object: z.literal('model'),
        created: z.literal(0),
        owned_by: z.literal('vllm'),
      }),
    )
    .min(1),
});

/**
 * `GET /v1/models`, from memory. The Network Node compares `data[0].id` with the governance model it expects and
 * fails the node otherwise (docs/reference/protocol.md "Pitfalls"), so that one is first; spellings and models for
 * direct clients follow.
 */
export function modelsRoute(app: FastifyInstance, models: () => readonly string[]): void {
  app.get('/v1/models', (_request, reply) =>
    reply.send({
      object: 'list',
      data: models().map((id) => ({ id, object: 'model', created: 0, owned_by: 'vllm' })),
    } satisfies z.infer<typeof offeredModelsAnswer>),
  );
}
