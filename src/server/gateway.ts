import { fastify, type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { AccessConfig, LimitsConfig } from '../config/config.ts';
import { createGatekeeper, openGate } from './access/gatekeeper.ts';
import { guardRoutes } from './access/guarded-routes.ts';
import type { Surface } from './access/plane.ts';
import { answerErrors } from './error-answers.ts';
import { completionRoutes } from './inference/completion-routes.ts';
import { type InferenceCounters, newInferenceCounters } from './inference/counters.ts';
import type { InferenceDesk } from './inference/desk.ts';
import { modelsRoute } from './inference/models-route.ts';
import { accountedDesk } from './limits/accounted-desk.ts';
import type { DayBooks } from './limits/day-books.ts';
import { createInferenceLimits, type InferenceLimits } from './limits/inference-limits.ts';
import type { MlnodeDesk } from './mlnode-api/desk.ts';
import { gpuRoutes } from './mlnode-api/gpu-routes.ts';
import { healthFormRoutes, inferenceHealthRoutes } from './mlnode-api/health-routes.ts';
import { inferenceControlRoutes } from './mlnode-api/inference-control-routes.ts';
import { modelRoutes } from './mlnode-api/model-routes.ts';
import { offeredModels } from './mlnode-api/offered-models.ts';
import { gatewayPath, pathParameterCharsMax } from './mlnode-api/path-rules.ts';
import { pocV2Routes } from './mlnode-api/poc-v2-routes.ts';
import { powRoutes } from './mlnode-api/pow-routes.ts';
import { programVersion } from './mlnode-api/program-version.ts';
import { acceptRawBodies } from './mlnode-api/raw-body.ts';
import { serviceRoutes } from './mlnode-api/service-routes.ts';
import { trainRoutes } from './mlnode-api/train-routes.ts';
import { openapiRoute } from './openapi/openapi-route.ts';
import { noteSelfProbes, type SelfProbes } from './self-probes.ts';

export interface GatewayOptions {
  readonly desk: MlnodeDesk;
  readonly inference: InferenceDesk;
  /** Id under which the node is registered; stands in every log line. */
  readonly nodeId: string;
  /** A pino logger, or any other of its form. Bodies are never given to it. */
  readonly log: FastifyBaseLogger;
  /** Which API this listener offers; `shared` when INFERENCE_PORT is unset. @default 'shared' */
  readonly surface?: Surface;
  /** Filled in by the gateway, read by inspection. @default counters of its own */
  readonly counters?: InferenceCounters;
  /** How long `close()` lets running answers finish before it cuts them, real milliseconds. @default 10 000 */
  readonly drainTimeoutMs?: number;
  /** Notes requests of this daemon to itself. @default nobody looks for them */
  readonly selfProbes?: SelfProbes;
  /** Who may call. @default everybody */
  readonly access?: AccessConfig;
  /** One for all listeners of a node: they share its places. @default 10 000 places, no other limit */
  readonly limits?: InferenceLimits;
  /** Of one inference request. @default 16 MB */
  readonly inferenceBodyBytesMax?: number;
}

/**
 * The one ML node that the Network Node sees: its management API and its inference API. Not listening yet.
 * Polls are answered from the desk's memory (invariant I12); nothing here knows a GPU, a chain or a provider.
 */
export function createGateway(options: GatewayOptions): FastifyInstance {
  const surface = options.surface ?? 'shared';
  const log = options.log.child({ nodeId: options.nodeId });
  const limits = options.limits ?? gatewayLimits({ maxConcurrent: 10_000 });
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    // Nobody writes under a request's own logger, and one would be made for each.
    childLoggerFactory: (logger) => logger,
    // A caller that sends its body a byte a minute holds no socket for ever.
    requestTimeout: 120_000,
    rewriteUrl: (request) => gatewayPath(request.url ?? '/'),
    routerOptions: { maxParamLength: pathParameterCharsMax },
  });
  if (options.selfProbes !== undefined) noteSelfProbes(app, options.selfProbes);
  acceptRawBodies(app);
  answerErrors(app, log);
  closeWithin(app, options.drainTimeoutMs ?? 10_000);
  guardRoutes(app, {
    surface,
    gatekeeper: options.access === undefined ? openGate : createGatekeeper(options.access),
    limits,
    inferenceBodyBytesMax: options.inferenceBodyBytesMax ?? 16_000_000,
  });
  if (surface !== 'inference') managementRoutes(app, options, log, surface);
  if (surface !== 'management') {
    const desk = accountedDesk(options.inference, limits);
    inferenceHealthRoutes(app, options.desk);
    modelsRoute(app, () => [...new Set([options.desk.view().expectedModel, ...desk.models()])]);
    completionRoutes(app, { desk, counters: options.counters ?? newInferenceCounters(), log });
  }
  return app;
}

/** The limits of one node, from its settings. Callers whose token opens management count as the Network Node. */
export function gatewayLimits(settings: {
  readonly maxConcurrent: number;
  readonly access?: AccessConfig;
  readonly limits?: LimitsConfig;
  /** @default tokens only, in memory */
  readonly day?: DayBooks;
}): InferenceLimits {
  const { access, limits, maxConcurrent } = settings;
  const callers = access?.tokens.map(({ name }) => name) ?? [];
  return createInferenceLimits(
    { ...limits, maxConcurrent },
    callers.filter((name) => access?.managementCallers.includes(name) !== true),
    settings.day === undefined ? {} : { day: settings.day },
  );
}

function managementRoutes(
  app: FastifyInstance,
  { desk, inference }: Pick<GatewayOptions, 'desk' | 'inference'>,
  log: FastifyBaseLogger,
  surface: 'shared' | 'management',
): void {
  const offered = offeredModels(desk, inference);
  serviceRoutes(app, desk, log, programVersion());
  inferenceControlRoutes(app, { desk, offered, log });
  powRoutes(app, desk, log);
  pocV2Routes(app, desk, log);
  modelRoutes(app, desk, offered);
  gpuRoutes(app, desk);
  trainRoutes(app, desk);
  const ownHealth = surface === 'management' ? ['/health'] : [];
  healthFormRoutes(app, desk, ['/livez', '/api/v1/health', ...ownHealth]);
  openapiRoute(app, surface);
}

function closeWithin(app: FastifyInstance, drainTimeoutMs: number): void {
  let cut: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    cut = setTimeout(() => app.server.closeAllConnections(), drainTimeoutMs);
  });
  app.addHook('onClose', async () => clearTimeout(cut));
}
