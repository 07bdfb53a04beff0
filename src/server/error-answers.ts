import type { FastifyBaseLogger, FastifyInstance, FastifyReply } from 'fastify';
import { openaiError } from './inference/openai-error.ts';
import { servedMethods } from './mlnode-api/served-methods.ts';

/**
 * FastAPI's words on the management API, OpenAI's under `/v1/`; never the text of an error, which may quote a body.
 * Must be called before the routes are added.
 */
export function answerErrors(app: FastifyInstance, log: FastifyBaseLogger): void {
  const served = servedMethods(app);
  app.setNotFoundHandler((request, reply) => {
    const methods = served.of(request);
    if (methods.length === 0) return answer(reply, request.url, 404, 'Not Found');
    void reply.header('allow', methods.join(', '));
    return answer(reply, request.url, 405, 'Method Not Allowed');
  });
  app.setErrorHandler((error: { statusCode?: number; code?: string }, request, reply) => {
    const status = error.statusCode ?? 500;
    log.error(
      { status, code: error.code ?? 'UNEXPECTED', path: request.routeOptions.url },
      'a request failed',
    );
    if (status === 413) return answer(reply, request.url, 413, 'Request body is too large');
    if (status < 500) return answer(reply, request.url, 400, 'Bad Request');
    if (request.url.startsWith('/v1/')) return answer(reply, request.url, 503, 'Service unavailable');
    return reply.code(500).type('text/plain; charset=utf-8').send('Internal Server Error');
  });
}

const answer = (reply: FastifyReply, url: string, status: number, message: string): FastifyReply =>
  reply.code(status).send(url.startsWith('/v1/') ? openaiError(status, message) : { detail: message });
