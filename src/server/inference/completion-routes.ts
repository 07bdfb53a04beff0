import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { rawBytesOf } from '../mlnode-api/raw-body.ts';
import { CallRoom, type CallRoomOptions } from './call-room.ts';
import { CallerReply } from './caller-reply.ts';
import { networkNodeCaller } from './desk.ts';
import { InferenceCall } from './inference-call.ts';
import { type InferenceKind, readInferenceRequest } from './inference-request.ts';

/**
 * `POST /v1/chat/completions` and `POST /v1/completions`, plain and streamed, answered by back ends whatever the PoC
 * state. There is no `/tokenize`: an API offers none, and the 404 is what callers expect of a node without it
 * (docs/reference/inference.md "What an API-backed node can answer").
 */
export function completionRoutes(app: FastifyInstance, options: CallRoomOptions): void {
  const room = new CallRoom(options);
  app.addHook('onClose', async () => room.calls.stop());
  const answer =
    (kind: InferenceKind) =>
    (request: FastifyRequest, reply: FastifyReply): void => {
      // From here on the answer is written to the socket's response itself, without the framework's stages.
      reply.hijack();
      const caller = room.desk.callerOf?.(request) ?? networkNodeCaller;
      const told = new CallerReply(reply.raw, caller);
      try {
        begin(room, kind, rawBytesOf(request), { caller, told, raw: reply.raw });
      } catch (error) {
        room.counters.failed += 1;
        room.log.error(
          { code: error instanceof Error ? error.name : 'UNEXPECTED' },
          'an inference request failed',
        );
        told.error(503, 'Service unavailable', null);
      }
    };
  app.post('/v1/chat/completions', answer('chat'));
  app.post('/v1/completions', answer('text'));
}

function begin(
  room: CallRoom,
  kind: InferenceKind,
  bytes: Buffer,
  { caller, told, raw }: { caller: typeof networkNodeCaller; told: CallerReply; raw: FastifyReply['raw'] },
): void {
  const request = readInferenceRequest(kind, bytes.toString('utf8'));
  const { counters, desk } = room;
  const refuse = (status: number, message: string, code: string | null = null): void => {
    counters.refused += 1;
    told.error(status, message, code);
  };
  const candidates = 'fields' in request ? desk.candidates(request.model ?? desk.model, caller) : undefined;
  const able = request.isEnforced ? candidates?.filter(({ backEnd }) => backEnd.isEnforcing) : candidates;
  if (request.isEnforced && (able === undefined || able.length === 0)) {
    // Never 400 or 422, whatever else is wrong with it: those count as a validation that passed.
    refuse(503, 'This node does not validate inferences.', 'validation_unavailable');
  } else if ('message' in request) refuse(request.status, request.message);
  else if (able === undefined)
    refuse(404, 'This node does not serve the requested model.', 'model_not_found');
  else {
    counters.requests += 1;
    if (request.isStream) counters.streamed += 1;
    new InferenceCall({ room, request, bytes, caller, candidates: able, raw }).start();
  }
}
