import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createHttpUpstream, type HttpUpstream } from '../../../src/adapters/upstream/http.ts';
import { Secret } from '../../../src/secret.ts';
import { backEndCase, deskOf } from '../back-end-case.ts';
import { gatewayCase, type GatewayCase, model } from '../gateway-case.ts';
import { chunk, event } from '../scripted-upstream.ts';

let back: {
  server: Server;
  answer: (response: ServerResponse) => void;
  calls: number;
  hungUp: number;
  bodies: string[];
};
let upstream: HttpUpstream;
let gateway: GatewayCase;

beforeEach(async () => {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (bytes: Buffer) => {
      body += bytes.toString();
    });
    request.on('end', () => {
      back.calls += 1;
      back.bodies.push(body);
      back.answer(response);
    });
    response.on('close', () => {
      if (!response.writableFinished) back.hungUp += 1;
    });
  });
  back = { server, answer: () => undefined, calls: 0, hungUp: 0, bodies: [] };
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  upstream = createHttpUpstream({
    name: 'loopback',
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    key: new Secret('sk-canary'),
    transport: () => Promise.reject(new Error('no model list here')),
  });
  const backEnd = backEndCase(upstream);
  gateway = await gatewayCase({ inference: deskOf(model, [{ backEnd, model: 'their/model' }]) });
});
afterEach(async () => {
  await gateway.app.close();
  await upstream.close();
  back.server.closeAllConnections();
  back.server.close();
});

const head = { 'content-type': 'text/event-stream' };
const messages = [{ role: 'user', content: 'x' }];

test.each([
  ['before the head', false, () => undefined],
  [
    'before the first token',
    true,
    (response: ServerResponse) => response.writeHead(200, head).flushHeaders(),
  ],
  [
    'in the middle of a stream',
    true,
    (response: ServerResponse) => void response.writeHead(200, head).write(event(chunk('a'))),
  ],
  [
    'in the middle of a plain answer',
    false,
    (response: ServerResponse) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).write('{"choices":'),
  ],
])('a caller that leaves %s closes the connection to the back end', async (_when, stream, answer) => {
  back.answer = answer;
  const caller = new AbortController();
  const body = JSON.stringify({ model, messages, stream });
  const call = fetch(`${gateway.origin}/v1/chat/completions`, {
    method: 'POST',
    body,
    signal: caller.signal,
  });
  call.catch(() => undefined);
  await vi.waitFor(() => expect(back.calls).toBe(1));
  caller.abort();
  await vi.waitFor(() => expect([back.hungUp, gateway.counters.cancelled]).toEqual([1, 1]));
});

test('a stream of the wrong type does not keep its connection', async () => {
  back.answer = (response) => void response.writeHead(200, { 'content-type': 'text/html' }).write('<html>');
  const response = await gateway.post('/v1/chat/completions', { model, messages, stream: true });
  expect(response.status).toBe(503);
  await vi.waitFor(() => expect(back.hungUp).toBe(1));
});

test('a whole exchange over the wire maps the request and restores the model', async () => {
  back.answer = (response) =>
    void response.writeHead(200, head).end(event(chunk('a')) + event(chunk('', 'stop')) + event('[DONE]'));
  const raw = `{"model":"${model}","messages":[{"role":"user","content":"x"}],"stream":true,"seed":9007199254740993}`;
  const response = await gateway.post('/v1/chat/completions', raw);
  const text = await response.text();
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  expect(text).toContain(`"model":"${model}"`);
  expect(text).not.toContain('name-of-its-own');
  expect(back.bodies[0]).toContain('"model":"their/model"');
  expect(back.bodies[0]).toContain('9007199254740993');
});
