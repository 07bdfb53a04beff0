import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { MlnodeDesk, ServiceView } from './desk.ts';
import { conflict, detail } from './fastapi-answer.ts';
import { jsonRequest } from './json-request.ts';
import type { startingAnswer, UpStatusAnswer } from './inference-control-answers.ts';
import type { OfferedModels } from './offered-models.ts';
import type { doneAnswer } from './service-answers.ts';
import { orSilence } from './silence.ts';

/** Body of `inference/up`; everything beside the model is kept as it came. */
export const inferenceUpRequest = z.looseObject({ model: z.string() });

type Done = z.infer<typeof doneAnswer> | z.infer<typeof startingAnswer>;

/**
 * Inference control (docs/reference/protocol.md "Inference control"). The back ends are there before `up` is called
 * and stay after `down`, so both answer at once, and `up` is no conflict while inference is up: the 409 of newer
 * images protects a vLLM that is being started, and here there is none.
 */
export function inferenceControlRoutes(
  app: FastifyInstance,
  {
    desk,
    offered,
    log,
  }: { readonly desk: MlnodeDesk; readonly offered: OfferedModels; readonly log: FastifyBaseLogger },
): void {
  const up = async (request: FastifyRequest, reply: FastifyReply, done: Done): Promise<FastifyReply> => {
    const view = desk.view();
    const asked = jsonRequest(request, reply, inferenceUpRequest, () => conflict(reply, 'INFERENCE', view));
    if ('refused' in asked) return asked.refused;
    if (!offered.isOffered(asked.body.model)) {
      log.error({ code: 'UPSTREAM_MODEL_MISSING', expected: view.expectedModel }, 'inference.model_not_ours');
      // As the real node fails to start a model: the state stays what it is, and the next poll sees that.
      return detail(reply, 500, 'Failed to start: no back end of this node serves that model');
    }
    return orSilence(reply, log, 'inference/up', async () => {
      await desk.inferenceUp(asked.raw);
      return reply.send(done);
    });
  };
  app.post('/api/v1/inference/up', (request, reply) => up(request, reply, { status: 'OK' }));
  app.post('/api/v1/inference/up/async', (request, reply) =>
    up(request, reply, {
      status: 'starting',
      message: 'Inference is served by a back end that needs no start',
    }),
  );
  app.get('/api/v1/inference/up/status', (_request, reply) => {
    const view = desk.view();
    return conflict(reply, 'INFERENCE', view) ?? reply.send(upStatus(view));
  });
  app.post('/api/v1/inference/down', async (_request, reply) => {
    const refusal = conflict(reply, 'INFERENCE', desk.view());
    if (refusal) return refusal;
    return orSilence(reply, log, 'inference/down', async () => {
      await desk.inferenceDown();
      return reply.send({ status: 'OK' });
    });
  });
}

function upStatus(view: ServiceView): UpStatusAnswer {
  const isUp = view.state === 'INFERENCE';
  const isRunning = isUp && view.isInferenceHealthy;
  return {
    status: !isUp ? 'not_started' : isRunning ? 'completed' : 'failed',
    is_starting: false,
    is_running: isRunning,
    elapsed_seconds: 0,
    error: isUp && !isRunning ? 'No back end serves the model at the moment' : null,
  };
}
