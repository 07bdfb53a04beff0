import { fastify, type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { chatRoute } from './inference/chat-route.ts';
import { type InferenceCounters, newInferenceCounters } from './inference/counters.ts';
import type { InferenceDesk } from './inference/desk.ts';
import { modelsRoute } from './inference/models-route.ts';
import { openaiError } from './inference/openai-error.ts';
import type { MlnodeDesk } from './mlnode-api/desk.ts';
import { healthFormRoutes, inferenceHealthRoute } from './mlnode-api/health-routes.ts';
import { gatewayPath } from './mlnode-api/path-rules.ts';
import { powRoutes } from './mlnode-api/pow-routes.ts';
import { acceptRawBodies, bodyBytesMax } from './mlnode-api/raw-body.ts';
import { serviceRoutes } from './mlnode-api/service-routes.ts';

export interface GatewayOptions {
  readonly desk: MlnodeDesk;
  readonly inference: InferenceDesk;
  /** Id under which the node is registered; stands in every log line. */
  readonly nodeId: string;
  /** A pino logger, or any other of its form. Bodies are never given to it. */
  readonly log: FastifyBaseLogger;
  /** Which API this listener offers; `shared` when INFERENCE_PORT is unset. @default 'shared' */
  readonly surface?: 'shared' | 'management' | 'inference';
  /** Filled in by the gateway, read by inspection. @default counters of its own */
  readonly counters?: InferenceCounters;
  /** How long `close()` lets running answers finish before it cuts them, real milliseconds. @default 10 000 */
  readonly drainTimeoutMs?: number;
}

/**
 * The one ML node that the Network Node sees: its management API and its inference API. Not listening yet.
 * Polls are answered from the desk's memory (invariant I12); nothing here knows a GPU, a chain or a provider.
 */
export function createGateway(options: GatewayOptions): FastifyInstance {
  const surface = options.surface ?? 'shared';
  const log = options.log.child({ nodeId: options.nodeId });
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyBytesMax,
    // A caller that sends its body a byte a minute holds no socket for ever.
    requestTimeout: 120_000,
    rewriteUrl: (request) => gatewayPath(request.url ?? '/'),
  });
  acceptRawBodies(app);
  answerErrors(app, log);
  closeWithin(app, options.drainTimeoutMs ?? 10_000);
  if (surface !== 'inference') {
    serviceRoutes(app, options.desk, log);
    powRoutes(app, options.desk, log);
    const ownHealth = surface === 'management' ? ['/health'] : [];
    healthFormRoutes(app, options.desk, ['/livez', '/api/v1/health', ...ownHealth]);
  }
  if (surface !== 'management') {
    inferenceHealthRoute(app, options.desk);
    modelsRoute(app, () => options.desk.view().expectedModel);
    chatRoute(app, { desk: options.inference, counters: options.counters ?? newInferenceCounters(), log });
  }
  return app;
}

/** FastAPI's words on the management API, OpenAI's under `/v1/`; never the text of an error, which may quote a body. */
function answerErrors(app: FastifyInstance, log: FastifyBaseLogger): void {
  app.setNotFoundHandler((request, reply) => reply.code(404).send(notice(request.url, 404, 'Not Found')));
  app.setErrorHandler((error: { statusCode?: number; code?: string }, request, reply) => {
    const status = error.statusCode ?? 500;
    log.error(
      { status, code: error.code ?? 'UNEXPECTED', path: request.routeOptions.url },
      'a request failed',
    );
    if (status === 413) return reply.code(413).send(notice(request.url, 413, 'Request body is too large'));
    if (status < 500) return reply.code(400).send(notice(request.url, 400, 'Bad Request'));
    if (request.url.startsWith('/v1/'))
      return reply.code(503).send(notice(request.url, 503, 'Service unavailable'));
    return reply.code(500).type('text/plain; charset=utf-8').send('Internal Server Error');
  });
}

const notice = (url: string, status: number, message: string): object =>
  url.startsWith('/v1/') ? openaiError(status, message) : { detail: message };

function closeWithin(app: FastifyInstance, drainTimeoutMs: number): void {
  let cut: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    cut = setTimeout(() => app.server.closeAllConnections(), drainTimeoutMs);
  });
  app.addHook('onClose', async () => clearTimeout(cut));
}
