import type { InjectOptions } from 'fastify';
import type { Config } from '../../src/config/config.ts';
import { model } from '../server/gateway-case.ts';
import { aborted, answers, completion, ScriptedUpstream } from '../server/scripted-upstream.ts';
import { daemonWith } from './daemon-process.ts';
import { listenersOf } from './gateway.ts';
import type { Knob } from './knob.ts';
import type { Place } from './place.ts';

const alice = 'alice:a-long-random-text-1';
const bob = 'bob:another-random-text-2';
const bearer = (caller: string) => ({ authorization: `Bearer ${caller.split(':')[1]}` });
const body = (content = 'hello') => JSON.stringify({ model, messages: [{ role: 'user', content }] });
const chat = (change: InjectOptions = {}): InjectOptions => ({
  method: 'POST',
  url: '/v1/chat/completions',
  payload: body(),
  remoteAddress: '203.0.113.7',
  ...change,
});
const state = (change: InjectOptions = {}): InjectOptions => ({
  url: '/api/v1/state',
  remoteAddress: '203.0.113.7',
  ...change,
});

/** The statuses of calls to the gateway, one after the other. */
const statuses =
  (...calls: readonly InjectOptions[]) =>
  async (config: Config, place: Place): Promise<readonly number[]> => {
    const upstream = new ScriptedUpstream();
    upstream.scripts = [answers(200, completion())];
    const [listener] = await listenersOf(config, place, upstream);
    const seen: number[] = [];
    for (const call of calls) seen.push((await listener!.app.inject(call)).statusCode);
    return seen;
  };

const strangers = { ALLOW_FROM: 'loopback' };

/** Who may call the gateway, and how much. */
export const accessKnobs: readonly Knob[] = [
  {
    name: 'MLNODE_MAX_CONCURRENT',
    seen: 'what becomes of the second request at a time',
    values: ['1', '2'],
    observe: async (config, place) => {
      const upstream = new ScriptedUpstream();
      upstream.scripts = [({ signal }) => aborted(signal)];
      const [listener] = await listenersOf(config, place, upstream);
      const call = chat({ remoteAddress: '127.0.0.1' });
      const ended: (number | 'works')[] = ['works', 'works'];
      for (const nth of [0, 1])
        void listener!.app.inject(call).then(
          ({ statusCode }) => (ended[nth] = statusCode),
          () => undefined,
        );
      await new Promise((resolve) => setTimeout(resolve, 300));
      return ended;
    },
  },
  {
    name: 'ALLOW_FROM',
    seen: 'what a stranger is answered',
    values: ['loopback', '203.0.113.0/24'],
    observe: statuses(chat()),
  },
  {
    name: 'ALLOW_MANAGEMENT_FROM',
    seen: 'what a stranger is answered on the management API',
    values: ['', '203.0.113.0/24'],
    given: strangers,
    observe: statuses(state(), chat()),
  },
  {
    name: 'GATEWAY_TOKENS',
    seen: 'whose token opens inference',
    values: [alice, bob],
    given: strangers,
    observe: statuses(chat({ headers: bearer(alice) }), chat({ headers: bearer(bob) })),
  },
  {
    name: 'GATEWAY_MANAGEMENT_CALLERS',
    seen: 'whose token opens the management API',
    values: ['', 'alice'],
    given: { ...strangers, GATEWAY_TOKENS: alice },
    observe: statuses(state({ headers: bearer(alice) })),
  },
  {
    name: 'CALLER_REQUESTS_PER_MINUTE',
    seen: 'the request that is too much',
    values: ['1', '2'],
    given: { GATEWAY_TOKENS: alice },
    observe: statuses(...Array.from({ length: 3 }, () => chat({ headers: bearer(alice) }))),
  },
  {
    name: 'CALLER_TOKENS_PER_DAY',
    seen: 'the request that is too much',
    values: ['5', '5000'],
    given: { GATEWAY_TOKENS: alice },
    observe: statuses(chat({ headers: bearer(alice) }), chat({ headers: bearer(alice) })),
  },
  {
    name: 'INFERENCE_MAX_BODY',
    seen: 'what a body of 50 kB is answered',
    values: ['0.01', '1'],
    given: { ALLOW_FROM: 'any' },
    observe: statuses(chat({ payload: body('x'.repeat(50_000)) })),
  },
  {
    name: 'GATEWAY_HOST',
    seen: 'the address that answers',
    values: ['127.0.0.1', '127.0.0.2'],
    given: { HYPERBOLIC_PROXY_PORT: '{port}' },
    observe: async (config, place) => {
      await daemonWith(config, place);
      const answered = (host: string) =>
        fetch(`http://${host}:${config.node.gatewayPort}/health`).then(
          ({ status }) => status,
          () => 'nobody',
        );
      return Promise.all(['127.0.0.1', '127.0.0.2'].map(answered));
    },
  },
];
