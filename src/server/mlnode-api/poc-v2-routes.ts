import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { toFault } from '../../errors.ts';
import { callbackTarget } from '../relay/callback-target.ts';
import type { JsonReply, MlnodeDesk } from './desk.ts';
import { detail, unprocessable } from './fastapi-answer.ts';
import { jsonRequest } from './json-request.ts';
import type { PocV2StatusAnswer, PocV2StoppedAnswer } from './poc-v2-answers.ts';
import { pocV2GenerateRequest, pocV2InitRequest } from './poc-v2-request.ts';
import { parsedJson, rawBodyOf } from './raw-body.ts';
import { pocV2Status } from './service-routes.ts';

const noBackends = 'No vLLM backends available';

/**
 * PoC v2 (docs/reference/protocol.md "PoC v2 endpoints"): work is relayed to the rented machine and refused with the
 * 503 that the Network Node notices when none takes it (invariant I8); status comes from memory (invariant I12). Not
 * subject to the one-service rule. Every 2xx answer is JSON, which the Network Node insists on.
 */
export function pocV2Routes(app: FastifyInstance, desk: MlnodeDesk, log: FastifyBaseLogger): void {
  const root = '/api/v1/inference/pow';
  app.get(`${root}/status`, (_request, reply) => {
    desk.pocV2Polled?.();
    const view = desk.view();
    const backends = [...(view.pocV2?.backEnds ?? [])] as PocV2StatusAnswer['backends'];
    return reply.send({ status: pocV2Status(view), backends } satisfies PocV2StatusAnswer);
  });
  app.post(`${root}/stop`, async (request, reply) => {
    const stopped = await asked(log, 'stop', () => desk.pocV2?.('stop', rawBodyOf(request)));
    const none: PocV2StoppedAnswer = { status: 'OK', message: 'No backends to stop' };
    return stopped === undefined ? reply.send(none) : told(reply, stopped);
  });
  for (const [call, schema] of [
    ['init/generate', pocV2InitRequest],
    ['generate', pocV2GenerateRequest],
  ] as const) {
    app.post(`${root}/${call}`, async (request, reply) => {
      const refused = refusal(request, reply, schema);
      if (refused !== undefined) return refused;
      const answer = await asked(log, call, () => desk.pocV2?.(call, rawBodyOf(request)));
      return answer === undefined ? detail(reply, 503, noBackends) : told(reply, answer);
    });
  }
  app.get<{ Params: { requestId: string } }>(`${root}/generate/:requestId`, async (request, reply) => {
    const { requestId } = request.params;
    const [port = '', ...rest] = requestId.split(':');
    if (rest.length === 0) return detail(reply, 400, 'Invalid request_id format (expected port:uuid)');
    if (!/^\d+$/.test(port)) return detail(reply, 400, 'Invalid port in request_id');
    const answer = await asked(log, 'generate result', () => desk.pocV2Result?.(requestId));
    return answer === undefined ? detail(reply, 404, 'Request not found') : told(reply, answer);
  });
}

/** Undefined when no machine serves PoC v2. A desk that fails must not look like a machine that took the work. */
async function asked(
  log: FastifyBaseLogger,
  call: string,
  ask: () => Promise<JsonReply> | undefined,
): Promise<JsonReply | undefined> {
  try {
    return await ask();
  } catch (error) {
    const { code, class: retryClass } = toFault(error);
    log.error({ call: `inference/pow/${call}`, code, retryClass }, 'a call of PoC v2 failed');
    return { status: 503, body: JSON.stringify({ detail: noBackends }) };
  }
}

function told(reply: FastifyReply, { status, body }: JsonReply): FastifyReply {
  const isJson = parsedJson(body) !== undefined;
  // A 2xx that is no JSON would be a parse error at the Network Node, where this is plainly a failure.
  if (status < 300 && !isJson) return detail(reply, 502, 'The machine answered something that is no JSON');
  return reply
    .code(status)
    .type('application/json')
    .send(isJson ? body : JSON.stringify({ detail: body }));
}

function refusal(
  request: FastifyRequest,
  reply: FastifyReply,
  schema: z.ZodType<{ readonly url?: string | null | undefined }>,
): FastifyReply | undefined {
  const read = jsonRequest(request, reply, schema);
  if ('refused' in read) return read.refused;
  const { url } = read.body;
  if (url === null || url === undefined) return undefined;
  try {
    callbackTarget(url);
    return undefined;
  } catch {
    const problem = { type: 'url_type', loc: ['body', 'url'], msg: 'Input should be a valid http(s) URL' };
    return unprocessable(reply, [problem]);
  }
}
