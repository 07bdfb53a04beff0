import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { createHyperbolicUpstream, createOpenAiUpstream } from '../../../src/adapters/upstream/index.ts';
import { upstreamMachine } from '../../../src/machines/upstream.ts';
import { createRuntime } from '../../../src/runtime/durable-runtime.ts';
import { openSqliteStore } from '../../../src/runtime/sqlite-store.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { createGateway, type GatewayOptions } from '../../../src/server/gateway.ts';
import { newInferenceCounters } from '../../../src/server/inference/counters.ts';
import type { InferenceCaller, InferenceUsage } from '../../../src/server/inference/desk.ts';
import { createBackEnds } from '../../../src/wiring/gateway/back-ends.ts';
import { createInferenceDesk } from '../../../src/wiring/gateway/inference-desk.ts';
import { configWith } from '../../wiring/settings.ts';
import { NotingDesk } from '../gateway-case.ts';
import { type ApiScript, ScriptedApi } from './scripted-api.ts';

/** The expected model, as callers ask for it. */
export const model = 'gov/model';

export interface InferenceCaseOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** Of the APIs, in order of preference. @default 1 */
  readonly backEnds?: 1 | 2;
  readonly gateway?: Partial<GatewayOptions>;
  /** Of the first API, from its first completion on. */
  readonly scripts?: ApiScript[];
  readonly caller?: InferenceCaller['kind'];
}

/**
 * The inference path as the daemon wires it — settings, wire, breakers, desk, gateway — between real sockets on both
 * sides. The daemon's clock stands still until a test moves it.
 */
export async function inferenceCase(options: InferenceCaseOptions = {}) {
  const apis = await Promise.all(Array.from({ length: options.backEnds ?? 1 }, () => ScriptedApi.start()));
  const [first, second] = apis;
  if (first !== undefined) first.scripts = options.scripts ?? [];
  const config = configWith({
    HYPERBOLIC_BASE_URL: first?.url ?? '',
    MLNODE_INFERENCE_MODEL: model,
    HYPERBOLIC_MODEL: 'their/model',
    HYPERBOLIC_STREAM: 'asAsked',
    HYPERBOLIC_STREAM_OPTIONS: 'on',
    UPSTREAM_PROBE: 'off',
    ...(second === undefined
      ? {}
      : {
          UPSTREAM_2_BASE_URL: second.url,
          UPSTREAM_2_API_KEY: 'second-canary',
          UPSTREAM_2_MODEL: 'their/model',
        }),
    ...options.settings,
  });
  const met = config.backEnds.map(({ api, name, baseUrl, apiKey: key }) =>
    (api === 'hyperbolic' ? createHyperbolicUpstream : createOpenAiUpstream)({
      name,
      baseUrl,
      key,
      limits: config.upstreamLimits,
    }),
  );
  const log: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void log.push(line) });
  const clock = new VirtualClock(1_000_000);
  const store = openSqliteStore(':memory:');
  const backEnds = createBackEnds({ config, met, clock, meta: store.meta, log: logger });
  const rows = createRuntime({
    store,
    clock,
    charts: { upstream: { machine: upstreamMachine, version: 1, moneyActors: [] } },
    effects: { upstream: backEnds.effects },
    report: { parked: () => undefined, late: () => undefined },
  });
  rows.start();
  await backEnds.check(new AbortController().signal);
  backEnds.start(rows);
  const desk = new NotingDesk();
  const usages: InferenceUsage[] = [];
  const counters = newInferenceCounters();
  const inference = createInferenceDesk({
    config,
    backEnds: backEnds.all,
    account: (spent) => void usages.push(spent),
  });
  const app = createGateway({
    desk,
    inference: { ...inference, callerOf: () => ({ kind: options.caller ?? 'networkNode', id: 'someone' }) },
    nodeId: 'hybrid-1',
    log: logger,
    counters,
    drainTimeoutMs: 300,
    ...options.gateway,
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  onTestFinished(async () => {
    await app.close();
    backEnds.stop();
    await rows.stop();
    store.close();
    await Promise.all(met.map(({ upstream }) => upstream.close()));
    await Promise.all(apis.map((api) => api.close()));
  });
  const ask = (body: object | string, init: RequestInit & { path?: string } = {}): Promise<Response> =>
    fetch(`${origin}${init.path ?? '/v1/chat/completions'}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...init,
    });
  return {
    app,
    api: first as ScriptedApi,
    second: second as ScriptedApi,
    backEnds,
    rows,
    clock,
    config,
    desk,
    usages,
    counters,
    log,
    port,
    origin,
    ask,
  };
}

const messages = [{ role: 'user', content: 'prompt-canary' }];
export const plain = { model, messages };
export const streamed = { ...plain, stream: true };
export const withUsage = { ...streamed, stream_options: { include_usage: true } };

/** Non-empty lines, as far as they came. */
export async function linesOf(response: Response): Promise<string[]> {
  let text = '';
  try {
    for await (const bytes of response.body ?? []) text += Buffer.from(bytes as Uint8Array).toString();
  } catch {
    text += '\n<broken>';
  }
  return text.split('\n').filter(Boolean);
}

/** The text of a streamed answer. */
export const spoken = (lines: readonly string[]): string =>
  lines
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)) as { choices?: { delta?: { content?: string } }[] })
    .map(({ choices }) => choices?.[0]?.delta?.content ?? '')
    .join('');
