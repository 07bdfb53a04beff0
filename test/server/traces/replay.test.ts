import { afterEach, describe, expect, test } from 'vitest';
import { programVersion } from '../../../src/server/mlnode-api/program-version.ts';
import { answerSchemas } from '../../../src/server/openapi/schemas.ts';
import { backEndCase, deskOf, theirModel } from '../back-end-case.ts';
import { gatewayCase, type GatewayCase } from '../gateway-case.ts';
import { ObedientDesk } from '../obedient-desk.ts';
import { type RawAnswer, rawCall } from '../raw-call.ts';
import {
  answers,
  chunk,
  completion,
  event,
  ScriptedUpstream,
  streams,
  usageChunk,
} from '../scripted-upstream.ts';
import { callsOf, readTrace, type Trace, type TracedAnswer, type TracedCall } from './trace.ts';

const open: GatewayCase[] = [];
afterEach(async () => {
  for (const { app } of open.splice(0)) await app.close();
});

/** What the Network Node puts in front of a path, from the last upgrade and from the node's definition. */
const routes = [
  { version: '', management: '', inference: '' },
  { version: '/v3.0.8', management: '', inference: '' },
  { version: '/v3.0.14-post2', management: '/api/v1', inference: '/v1' },
] as const;

async function nodeCase({ expectedModel }: Trace, ports: 'one' | 'two') {
  const desk = new ObedientDesk();
  desk.now = { ...desk.now, expectedModel };
  const upstream = new ScriptedUpstream();
  upstream.scripts = [
    (request) =>
      (JSON.parse(request.body) as { stream?: boolean }).stream === true
        ? streams([event(chunk('hello', 'stop')), event(usageChunk), event('[DONE]')])(request)
        : answers(200, completion())(request),
  ];
  const inference = deskOf(expectedModel, [{ backEnd: backEndCase(upstream), model: theirModel }]);
  const listen = async (surface: 'shared' | 'management' | 'inference'): Promise<number> => {
    const gateway = await gatewayCase({ desk, inference, surface });
    open.push(gateway);
    return gateway.port;
  };
  const management = await listen(ports === 'one' ? 'shared' : 'management');
  return { desk, ports: { management, inference: ports === 'one' ? management : await listen('inference') } };
}

/** As Go's client sends it: no Content-Type unless the call says one. */
const send = (
  ports: Readonly<Record<TracedCall['port'], number>>,
  route: (typeof routes)[number],
  { port, method, path, body, contentType }: TracedCall,
): Promise<RawAnswer> =>
  rawCall(ports[port], {
    method,
    path: route.version + route[port] + path,
    headers: {
      'user-agent': 'Go-http-client/1.1',
      'accept-encoding': 'gzip',
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
    },
    ...(body === undefined ? {} : { body }),
  });

function checkAnswer(expected: TracedAnswer, answer: RawAnswer, model: string): void {
  if (answer === 'closed') throw new Error('the connection was closed unanswered');
  expect(answer.status).toBe(expected.status);
  if ('empty' in expected) {
    expect(answer.body).toBe('');
  } else if ('stream' in expected) {
    expect(answer.headers['content-type']).toMatch(/^text\/event-stream/);
    const data = [...answer.body.matchAll(/^data: (.*)$/gm)].map(([, line = '']) => line);
    expect(data.at(-1)).toBe('[DONE]');
    for (const line of data.slice(0, -1))
      expect(answerSchemas[expected.stream].parse(JSON.parse(line))).toMatchObject({ model });
  } else {
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    const told = JSON.parse(answer.body) as unknown;
    if ('schema' in expected) expect(answerSchemas[expected.schema].parse(told)).toMatchObject({ model });
    else expect(told).toEqual(withVersion(expected.json));
  }
}

const withVersion = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll('"<program>"', JSON.stringify(programVersion())));

describe.each(['v1-epoch', 'v2-epoch'] as const)('the trace of %s', (name) => {
  const trace = readTrace(name);

  describe.each(['one', 'two'] as const)('on %s port(s)', (ports) => {
    test.each(routes)('is answered as it says, under $version$management', async (route) => {
      const node = await nodeCase(trace, ports);
      for (const call of trace.calls) {
        if ('meanwhile' in call) node.desk.modelLoaded();
        else checkAnswer(call.answer, await send(node.ports, route, call), trace.expectedModel);
      }
    });

    test('reaches the desk byte for byte, and nothing else does', async () => {
      const node = await nodeCase(trace, ports);
      const work = callsOf(trace).filter(
        ({ method, path }) =>
          method === 'POST' && /^\/api\/v1\/(stop$|pow\/|inference\/up$|inference\/pow\/)/.test(path),
      );
      for (const call of callsOf(trace)) await send(node.ports, routes[0], call);
      expect(node.desk.calls).toEqual(
        work.map(({ path, body }) => {
          const call = path.replace('/api/v1/', '');
          const name = call.startsWith('inference/pow/')
            ? call
            : call.replace('pow/', '').replace('inference/', '');
          return body === undefined ? name : `${name} ${body}`;
        }),
      );
    });
  });

  test('sends a Content-Type with nothing but an inference request', () => {
    for (const { command, contentType } of callsOf(trace))
      expect(contentType !== undefined).toBe(command === 'inference request');
  });

  test('has the keys of what Go keeps in a map by the alphabet', () => {
    const chats = callsOf(trace).filter(({ path }) => path === '/v1/chat/completions');
    expect(chats.length).toBeGreaterThan(0);
    for (const { body = '' } of chats) {
      const keys = Object.keys(JSON.parse(body) as object);
      expect(keys).toEqual(keys.toSorted());
    }
  });
});

test('no PoC v2 is pretended: without a machine every work call of that trace is refused', async () => {
  const trace = readTrace('v2-epoch');
  const node = await nodeCase(trace, 'one');
  node.desk.hasMachine = false;
  const work = callsOf(trace).filter(({ path }) => path.endsWith('/generate'));
  expect(work.map(({ answer }) => answer.status)).toEqual([200, 200, 200]);
  for (const call of work) {
    const answer = await send(node.ports, routes[0], call);
    expect(answer === 'closed' ? answer : answer.status).toBe(503);
  }
});
