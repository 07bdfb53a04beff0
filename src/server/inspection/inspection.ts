import { fastify, type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Runtime } from '../../runtime/interface.ts';
import type { Secret } from '../../secret.ts';
import { demandToken } from './bearer-token.ts';
import { decodablePath, pathParameterCharsMax } from '../mlnode-api/path-rules.ts';
import { openapiRoute } from '../openapi/openapi-route.ts';
import { eventsRoute } from './events-route.ts';
import type { InspectionState } from './inspection-state.ts';

export interface InspectionOptions {
  readonly runtime: Pick<Runtime, 'rows' | 'leases' | 'alerts' | 'journalSince' | 'onStep'>;
  /** Everything that no row holds, as plain JSON without secrets. Called for each request; must not block. */
  extra(): InspectionExtra;
  /** Mermaid text of a row's chart with its active states marked; undefined when there is no such row. */
  diagram(rowId: string): string | undefined;
  /** INSPECTION_TOKEN: demanded as a bearer token from everything but `/livez`. */
  readonly token?: Secret;
  readonly log: FastifyBaseLogger;
}

export type InspectionExtra = Omit<InspectionState, 'machines' | 'leases' | 'alerts'>;

/**
 * What the daemon knows, for its operator: on a port of its own, read-only, never on the gateway. Not listening yet.
 */
export function createInspection(options: InspectionOptions): FastifyInstance {
  const { runtime, token, log } = options;
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    rewriteUrl: (request) => decodablePath(request.url ?? '/'),
    routerOptions: { maxParamLength: pathParameterCharsMax },
  });
  app.get('/livez', (_request, reply) => reply.send({ status: 'alive' }));
  void app.register(async (guarded) => {
    if (token) demandToken(guarded, token);
    guarded.get('/v1/state', (_request, reply) => {
      const state: InspectionState = {
        ...options.extra(),
        machines: runtime.rows(),
        leases: runtime.leases(),
        alerts: runtime.alerts(),
      };
      return reply.send(state);
    });
    guarded.get<{ Params: { id: string } }>('/v1/machines/:id/diagram', (request, reply) => {
      const diagram = options.diagram(request.params.id);
      if (diagram === undefined) return reply.code(404).send({ error: 'no such machine' });
      return reply.type('text/plain; charset=utf-8').send(diagram);
    });
    eventsRoute(guarded, runtime);
    openapiRoute(guarded, 'inspection');
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not found' }));
  app.setErrorHandler((error: { statusCode?: number; code?: string }, request, reply) => {
    const status = error.statusCode ?? 500;
    log.error(
      { status, code: error.code ?? 'UNEXPECTED', path: request.routeOptions.url },
      'inspection failed',
    );
    return reply.code(status).send({ error: status < 500 ? 'bad request' : 'internal error' });
  });
  return app;
}
