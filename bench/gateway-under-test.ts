import type { FastifyInstance } from 'fastify';
import { destination, pino } from 'pino';
import { createOpenAiUpstream } from '../src/adapters/upstream/index.ts';
import type { AccessConfig, LimitsConfig } from '../src/config/config.ts';
import { tokenPrice } from '../src/policy/token-cost.ts';
import { openSqliteStore } from '../src/runtime/sqlite-store.ts';
import { createSqliteUsage } from '../src/runtime/sqlite-usage.ts';
import { createSystemClock } from '../src/runtime/system-clock.ts';
import { Secret } from '../src/secret.ts';
import { createGateway, gatewayLimits } from '../src/server/gateway.ts';
import type { BackEnd } from '../src/server/inference/desk.ts';
import type { MlnodeDesk } from '../src/server/mlnode-api/desk.ts';
import { createSelfProbes } from '../src/server/self-probes.ts';
import { microUsdOfDollars } from '../src/units.ts';
import { createApiBackEnd } from '../src/wiring/gateway/api-back-end.ts';
import { createInferenceDesk } from '../src/wiring/gateway/inference-desk.ts';
import { createUsageAccountant, type UsageAccountant } from '../src/wiring/gateway/usage-accountant.ts';
import { benchModel, benchToken } from './traffic.ts';

/** `asAsked`: upstream streams when the caller does. `always`: it streams, plain callers get the aggregate. */
export type BackEndMode = BackEnd['stream'];

/** Callers come with a token, so that every request passes the gate, its caller's rate and daily caps. */
const access: AccessConfig = {
  from: [],
  managementFrom: [],
  tokens: [{ name: 'bench', token: new Secret(benchToken) }],
  managementCallers: [],
};

/** All in force, none in reach. */
const limits: LimitsConfig = {
  requestsPerMinute: 1e9,
  tokensPerDay: 1e13,
  spendPerDay: microUsdOfDollars(1e8),
  inferenceBodyBytesMax: 16_000_000,
};

const price = tokenPrice(0.1, 0.3);
const clock = createSystemClock();
const log = pino({ level: 'info' }, destination({ dest: '/dev/null', sync: false }));

/**
 * The gateway as the daemon builds it, over the production adapter, with everything on that has a cost per request;
 * the back end is always well, and state and books are in memory. Not listening yet.
 */
export function gatewayUnderTest(backEndPort: number, mode: BackEndMode): FastifyInstance {
  const { upstream, dialect } = createOpenAiUpstream({
    baseUrl: `http://127.0.0.1:${backEndPort}/v1`,
    key: new Secret('bench-back-end-key'),
    name: 'mock',
  });
  const backEnd = createApiBackEnd({
    upstream,
    dialect,
    stream: mode,
    streamOptions: 'on',
    limits: { firstTokenMs: 60_000, totalMs: 600_000 },
    clock: { now: () => clock.now(), scale: 1 },
    capabilities: () => undefined,
    breakerMs: () => 0,
    heard: () => {},
  });
  const usage = accountant();
  const app = createGateway({
    desk: restingDesk,
    inference: createInferenceDesk({
      config: { model: benchModel, modelTable: [] },
      backEnds: [{ backEnd, model: benchModel, serves: (model) => model === benchModel }],
      account: usage.account,
    }),
    nodeId: 'bench-1',
    log,
    drainTimeoutMs: 100,
    selfProbes: createSelfProbes(),
    access,
    limits: gatewayLimits({ maxConcurrent: 10_000, access, limits, day: usage.day }),
    inferenceBodyBytesMax: limits.inferenceBodyBytesMax,
  });
  usage.start();
  app.addHook('onClose', async () => {
    usage.stop();
    await upstream.close();
  });
  return app;
}

/** The daemon's own books, in a store that is forgotten. */
function accountant(): UsageAccountant {
  const store = openSqliteStore(':memory:');
  return createUsageAccountant({
    ledger: createSqliteUsage(store.database),
    store,
    clock,
    timeScale: 1,
    priceOf: () => price,
    fallbackPrice: microUsdOfDollars(1),
    log,
  });
}

/** A node that serves inference and has no PoC. */
const restingDesk: MlnodeDesk = {
  view: () => ({ state: 'INFERENCE', pow: null, isInferenceHealthy: true, expectedModel: benchModel }),
  stop: async () => {},
  inferenceUp: async () => {},
  inferenceDown: async () => {},
  pow: async () => ({ kind: 'silence' }),
};
