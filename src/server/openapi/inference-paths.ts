import { inference, type Operation } from './operation.ts';
import type { AnswerSchemaName, RequestSchemaName } from './schemas.ts';

const completion = (
  path: string,
  summary: string,
  schemas: { request: RequestSchemaName; whole: AnswerSchemaName; event: AnswerSchemaName },
): Operation => ({
  method: 'post',
  path,
  half: 'inference',
  listeners: inference,
  summary,
  body: { schemas: [schemas.request], isRequired: true },
  answers: {
    200: {
      description: 'In one piece, or as server-sent events that end with `[DONE]`.',
      schema: schemas.whole,
      alsoAs: 'text/event-stream',
      event: schemas.event,
    },
    400: { description: 'The request itself is wrong.', schema: 'OpenaiError' },
    404: { description: 'This node does not serve the model.', schema: 'OpenaiError' },
    413: { description: 'The body is too large.', schema: 'OpenaiError' },
    429: { description: 'Too many requests; to the Network Node 503.', schema: 'OpenaiError' },
    503: {
      description: 'No back end answers, the node is full, or the request is a replay that no API can serve.',
      schema: 'OpenaiError',
    },
  },
  unanswered: 'Half an answer never looks whole: a stream that breaks off ends without `[DONE]`.',
});

export const inferencePaths: readonly Operation[] = [
  completion('/v1/chat/completions', 'A chat completion, in every state of the node.', {
    request: 'ChatRequest',
    whole: 'ChatCompletion',
    event: 'ChatChunk',
  }),
  completion('/v1/completions', 'A text completion, in every state of the node.', {
    request: 'TextRequest',
    whole: 'TextCompletion',
    event: 'TextChunk',
  }),
  {
    method: 'get',
    path: '/v1/models',
    half: 'inference',
    listeners: inference,
    summary: 'The models that may be asked for.',
    answers: { 200: { description: 'The expected model comes first.', schema: 'OfferedModels' } },
  },
];
