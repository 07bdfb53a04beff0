import { createServer } from 'node:net';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '../../src/config/config.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { createHttpNeighbours } from '../../src/wiring/http-neighbours.ts';
import { daemonWith } from './daemon-process.ts';
import { traitsOf } from './inference-knobs.ts';
import type { Knob } from './knob.ts';
import { asked } from './node-knobs.ts';
import type { Place } from './place.ts';

const signal = new AbortController().signal;
const seen = 'how the back end is used';
const listed = asked(({ backEnds }) =>
  Promise.allSettled(backEnds.map(({ upstream }) => upstream.models(signal))),
);

function furtherKnobs(place: 2 | 3): readonly Knob[] {
  const name = (part: string): string => `UPSTREAM_${place}_${part}`;
  const given = { [name('BASE_URL')]: 'http://{two}', [name('API_KEY')]: 'first-key' };
  const knob = (part: string, values: Knob['values'], observe: Knob['observe'] = traitsOf): Knob => ({
    name: name(part),
    seen,
    values,
    given,
    observe,
  });
  return [
    knob('BASE_URL', ['', 'http://{two}'], listed),
    knob('API_KEY', ['first-key', 'second-key'], listed),
    knob('MODEL', ['', 'their/model']),
    knob('NAME', ['one', 'two']),
    knob('STREAM', ['always', 'asAsked']),
    knob('STREAM_OPTIONS', ['on', 'off']),
    knob('REQUESTS_PER_MINUTE', ['', '60']),
  ];
}

/** How a completion ends while the back end does as it is told. */
const completed =
  (answer: (response: ServerResponse) => void): Knob['observe'] =>
  async (config, place) => {
    const [ear] = place.ears;
    ear!.answer = answer;
    return completionOf(config);
  };

async function completionOf(config: Config): Promise<unknown> {
  const { backEnds } = createHttpNeighbours(config, new VirtualClock(1_800_000_000_000));
  const [first] = backEnds;
  try {
    const answer = await first!.upstream.complete({ path: '/chat/completions', body: '{}', signal });
    let text = '';
    for await (const bytes of answer.body) text += Buffer.from(bytes).toString();
    return [answer.status, text];
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

/** Much longer than the short limits below, and much shorter than the long ones. */
const slowMs = 2_000;
const own = { HYPERBOLIC_BASE_URL: 'http://{one}' };
const spending = { GATEWAY_TOKENS: 'alice:a-long-random-text-1', HYPERBOLIC_STREAM: 'asAsked' };

/** Statuses of completions that a daemon is asked for, one after the other, by a back end that states no price. */
async function capped(given: Config, place: Place): Promise<unknown> {
  const [ear] = place.ears;
  const listing = { data: [{ id: given.model }] };
  const usage = { prompt_tokens: 600_000, completion_tokens: 400_000, total_tokens: 1_000_000 };
  const choices = [{ index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop' }];
  const whole = { id: 'c', object: 'chat.completion', created: 1, model: given.model, choices, usage };
  ear!.answer = (response) => {
    const isList = ear!.heard.at(-1)?.method === 'GET';
    response.setHeader('content-type', 'application/json').end(JSON.stringify(isList ? listing : whole));
  };
  const { inferenceUrl } = await daemonWith(given, place);
  const statuses: number[] = [];
  for (let request = 0; request < 3; request += 1) {
    const answer = await fetch(`${inferenceUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer a-long-random-text-1' },
      body: JSON.stringify({ model: given.model, messages: [{ role: 'user', content: 'x' }] }),
    });
    await answer.text();
    statuses.push(answer.status);
  }
  return statuses;
}

/** A back end that lets nobody finish a TLS handshake, and hangs up after a while. */
async function handshake(config: Config, place: Place): Promise<unknown> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    setTimeout(() => socket.destroy(), slowMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  place.onEnd(() => new Promise((resolve) => server.close(resolve)));
  const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return completionOf({ ...config, backEnds: config.backEnds.map((one) => ({ ...one, baseUrl })) });
}

/** Further back ends, limits of what they may take, and of what all of them may cost. */
export const upstreamKnobs: readonly Knob[] = [
  ...furtherKnobs(2),
  ...furtherKnobs(3),
  {
    name: 'UPSTREAM_CONNECT_TIMEOUT',
    seen: 'how a connection ends that never stands',
    values: ['0.2', '30'],
    observe: handshake,
  },
  {
    name: 'UPSTREAM_HEADERS_TIMEOUT',
    seen: 'whether a slow answer is waited for',
    values: ['0.2', '30'],
    given: own,
    observe: completed((response) => void setTimeout(() => response.end('late'), slowMs)),
  },
  {
    name: 'UPSTREAM_GAP_TIMEOUT',
    seen: 'whether the rest of an answer is waited for',
    values: ['0.2', '30'],
    given: own,
    observe: completed((response) => {
      response.write('begun');
      setTimeout(() => response.end(', done'), slowMs);
    }),
  },
  {
    name: 'UPSTREAM_FALLBACK_PRICE',
    seen: 'when the cap is reached',
    values: ['1', '4'],
    given: { ...own, ...spending, MAX_DAILY_INFERENCE_SPEND: '2' },
    observe: capped,
  },
  {
    name: 'MAX_DAILY_INFERENCE_SPEND',
    seen: 'when the cap is reached',
    values: ['2', '20'],
    given: { ...own, ...spending, UPSTREAM_FALLBACK_PRICE: '2' },
    observe: capped,
  },
];
