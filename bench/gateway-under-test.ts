import type { FastifyInstance } from 'fastify';
import { destination, pino } from 'pino';
import { createOpenAiUpstream } from '../src/adapters/upstream/index.ts';
import type { AccessConfig, LimitsConfig } from '../src/config/config.ts';
import { Secret } from '../src/secret.ts';
import { createGateway, gatewayLimits } from '../src/server/gateway.ts';
import type { BackEnd, InferenceDesk } from '../src/server/inference/desk.ts';
import type { MlnodeDesk } from '../src/server/mlnode-api/desk.ts';
import { benchModel, benchToken } from './traffic.ts';

/** `asAsked`: upstream streams when the caller does. `always`: it streams, plain callers get the aggregate. */
export type BackEndMode = BackEnd['stream'];

/** Callers come with a token, so that every request passes the gate, its caller's rate and daily tokens. */
const access: AccessConfig = {
  from: [],
  managementFrom: [],
  tokens: [{ name: 'bench', token: new Secret(benchToken) }],
  managementCallers: [],
};

/** All in force, none in reach. */
const limits: LimitsConfig = {
  requestsPerMinute: 1_000_000_000,
  tokensPerDay: 1_000_000_000_000,
  inferenceBodyBytesMax: 16_000_000,
};

/**
 * The gateway as the daemon builds it, over the production adapter, with everything on that has a cost per request;
 * only the state behind it is in memory. Not listening yet.
 */
export function gatewayUnderTest(backEndPort: number, mode: BackEndMode): FastifyInstance {
  const { upstream, dialect } = createOpenAiUpstream({
    baseUrl: `http://127.0.0.1:${backEndPort}/v1`,
    key: new Secret('bench-back-end-key'),
    name: 'mock',
  });
  const app = createGateway({
    desk: restingDesk,
    inference: inferenceDesk({
      name: 'mock',
      upstream,
      dialect,
      stream: mode,
      isEnforcing: false,
      limits: { firstTokenMs: 60_000, totalMs: 600_000 },
      traits: () => ({ takesStreamOptions: true, takesLogprobs: true, takesSeed: true }),
      restMs: () => 0,
      takeTurn: () => 0,
      note: () => {},
    }),
    nodeId: 'bench-1',
    log: pino({ level: 'info' }, destination({ dest: '/dev/null', sync: false })),
    drainTimeoutMs: 100,
    access,
    limits: gatewayLimits({ maxConcurrent: 10_000, access, limits }),
  });
  app.addHook('onClose', () => upstream.close());
  return app;
}

/** One back end for the one model; usage is added up for each caller and back end, as the books do. */
function inferenceDesk(backEnd: BackEnd): InferenceDesk {
  const books = new Map<string, { promptTokens: number; completionTokens: number }>();
  const candidates = [{ backEnd, model: benchModel }];
  return {
    model: benchModel,
    models: () => [benchModel],
    candidates: (model) => (model === benchModel ? candidates : undefined),
    account: ({ caller, upstream, promptTokens, completionTokens }) => {
      const key = `${caller} ${upstream}`;
      const book = books.get(key) ?? { promptTokens: 0, completionTokens: 0 };
      book.promptTokens += promptTokens ?? 0;
      book.completionTokens += completionTokens ?? 0;
      books.set(key, book);
    },
  };
}

/** A node that serves inference and has no PoC. */
const restingDesk: MlnodeDesk = {
  view: () => ({ state: 'INFERENCE', pow: null, isInferenceHealthy: true, expectedModel: benchModel }),
  stop: async () => {},
  inferenceUp: async () => {},
  inferenceDown: async () => {},
  pow: async () => ({ kind: 'silence' }),
};
