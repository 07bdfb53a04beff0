import { fastify, type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Runtime } from '../../runtime/interface.ts';
import type { Secret } from '../../secret.ts';
import { demandToken } from './bearer-token.ts';
import { bookRoutes } from './book-routes.ts';
import { decodablePath, pathParameterCharsMax } from '../mlnode-api/path-rules.ts';
import { openapiRoute } from '../openapi/openapi-route.ts';
import { eventsRoute } from './events-route.ts';
import { hostsRoute, type PlanningBooks } from './hosts-route.ts';
import { metricsRoute, type MetricsText } from './metrics-route.ts';
import { type NoticeBooks, noticesRoute } from './notices-route.ts';
import { runbookRoute } from './runbook-route.ts';
import type { InspectionBooks } from './inspection-books.ts';
import type { InspectionState } from './inspection-state.ts';
import { type OperatorOrders, ordersRoute } from './orders-route.ts';
import { demandOwnName } from './own-names.ts';
import type { PageFiles } from './page-files.ts';
import { pageRoutes } from './page-routes.ts';

export interface InspectionOptions {
  readonly runtime: Pick<Runtime, 'rows' | 'leases' | 'alerts' | 'journalSince' | 'onStep'>;
  /** Everything that no row holds, as plain JSON without secrets. Called for each request; must not block. */
  extra(): InspectionExtra;
  /** Mermaid text of a row's chart with its active states marked; undefined when there is no such row. */
  diagram(rowId: string): string | undefined;
  readonly books: InspectionBooks;
  /** The page that shows all this. */
  readonly page: PageFiles;
  /** What a person may order. @default every order is refused */
  readonly orders?: OperatorOrders;
  /** What is measured; absent: nothing. */
  readonly metrics?: MetricsText;
  /** Machine memory and the next plan; absent: nothing is known. */
  readonly planning?: PlanningBooks;
  /** Messages to people; absent: none were sent. */
  readonly notices?: NoticeBooks;
  /** INSPECTION_TOKEN: demanded as a bearer token from everything but `/livez` and the page's own files. */
  readonly token?: Secret;
  /** INSPECTION_HOST: a name under which it may be called without a token, beside those of loopback. */
  readonly host?: string;
  readonly log: FastifyBaseLogger;
}

export type InspectionExtra = Omit<InspectionState, 'machines' | 'leases' | 'alerts'>;

/**
 * What the daemon knows, for its operator: on a port of its own, never on the gateway. Not listening yet.
 */
export function createInspection(options: InspectionOptions): FastifyInstance {
  const { runtime, token, log } = options;
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    rewriteUrl: (request) => decodablePath(request.url ?? '/'),
    routerOptions: { maxParamLength: pathParameterCharsMax },
  });
  if (token === undefined) demandOwnName(app, options.host);
  app.get('/livez', (_request, reply) => reply.send({ status: 'alive' }));
  pageRoutes(app, options.page);
  runbookRoute(app);
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
    bookRoutes(guarded, options.books, () => runtime.alerts());
    noticesRoute(guarded, options.notices);
    metricsRoute(guarded, options.metrics);
    hostsRoute(guarded, options.planning);
    eventsRoute(guarded, runtime);
    ordersRoute(guarded, options.orders);
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
