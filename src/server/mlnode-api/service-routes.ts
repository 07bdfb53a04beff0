import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { MlnodeDesk } from './desk.ts';
import { conflictText, detail, fieldErrors, noBody, noJson, unprocessable } from './fastapi-answer.ts';
import { parsedJson, rawBodyOf } from './raw-body.ts';
import { orSilence } from './silence.ts';

const done = { status: 'OK' } as const;
const inferenceUpRequest = z.looseObject({ model: z.string() });

/** State, stop and inference control (docs/reference/protocol.md "State and stop", "Inference control"). */
export function serviceRoutes(app: FastifyInstance, desk: MlnodeDesk, log: FastifyBaseLogger): void {
  app.get('/api/v1/state', (_request, reply) => reply.send({ state: desk.view().state }));

  app.post('/api/v1/stop', (_request, reply) =>
    orSilence(reply, log, 'stop', async () => {
      await desk.stop();
      return reply.send(done);
    }),
  );

  app.post('/api/v1/inference/up', async (request, reply) => {
    const raw = rawBodyOf(request);
    const parsed = parsedJson(raw);
    if (raw !== '' && !parsed) return unprocessable(reply, [noJson]);
    const { state } = desk.view();
    if (state === 'POW') return detail(reply, 409, conflictText('INFERENCE', state));
    if (!parsed) return unprocessable(reply, [noBody]);
    const body = inferenceUpRequest.safeParse(parsed.value);
    if (!body.success) return unprocessable(reply, fieldErrors(body.error, parsed.value));
    return orSilence(reply, log, 'inference/up', async () => {
      await desk.inferenceUp(raw);
      return reply.send(done);
    });
  });

  app.post('/api/v1/inference/down', async (_request, reply) => {
    const { state } = desk.view();
    if (state === 'POW') return detail(reply, 409, conflictText('INFERENCE', state));
    return orSilence(reply, log, 'inference/down', async () => {
      await desk.inferenceDown();
      return reply.send(done);
    });
  });
}
