import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { MlnodeDesk } from './desk.ts';
import { conflict, detail } from './fastapi-answer.ts';
import { jsonRequest } from './json-request.ts';
import type { TrainStatusAnswer } from './train-answers.ts';

/** Whatever a training run is described by: none is read. */
export const trainRequest = z.looseObject({});

/**
 * Training (docs/reference/protocol.md "Training"), which left the network in 2026 and which this node never does:
 * it starts none, and what does not run can neither be stopped nor be said to run. TRAIN is never its state.
 */
export function trainRoutes(app: FastifyInstance, desk: MlnodeDesk): void {
  const rule = (reply: FastifyReply): FastifyReply | undefined => conflict(reply, 'TRAIN', desk.view());
  app.post('/api/v1/train/start', (request, reply) => {
    const asked = jsonRequest(request, reply, trainRequest, () => rule(reply));
    return 'refused' in asked ? asked.refused : detail(reply, 400, 'Training is not available on this node');
  });
  app.post(
    '/api/v1/train/stop',
    (_request, reply) => rule(reply) ?? detail(reply, 400, 'Training is not running'),
  );
  app.get(
    '/api/v1/train/status',
    (_request, reply) => rule(reply) ?? reply.send({ status: false } satisfies TrainStatusAnswer),
  );
}
