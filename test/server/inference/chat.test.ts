import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deskOf, theirModel } from '../back-end-case.ts';
import { gatewayCase, type GatewayCase, model } from '../gateway-case.ts';
import { answers, completion, fails } from '../scripted-upstream.ts';

const path = '/v3.0.8/v1/chat/completions';
const ask = { model, messages: [{ role: 'user', content: 'prompt-canary' }], seed: -5 };
const askStream = { ...ask, stream: true, stream_options: { include_usage: true } };

let gateway: GatewayCase;
beforeEach(async () => {
  gateway = await gatewayCase();
});
afterEach(async () => {
  expect(gateway.log.join('')).not.toMatch(/canary/);
  await gateway.app.close();
});
const failureOf = async (response: Response): Promise<unknown[]> => [
  response.status,
  ((await response.json()) as { error: { type: string } }).error.type,
];

describe('a plain completion', () => {
  test('carries the model that was asked for, and is accounted', async () => {
    gateway.upstream.scripts = [answers(200, completion())];
    const response = await gateway.post(path, ask);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ...(JSON.parse(completion()) as object), model });
    expect(gateway.upstream.requests[0]).toMatchObject({
      path: '/chat/completions',
    });
    expect(JSON.parse(gateway.upstream.requests[0]?.body ?? '')).toEqual({ ...ask, model: theirModel });
    expect(gateway.usages).toEqual([
      {
        upstream: 'scripted',
        model,
        upstreamModel: theirModel,
        caller: 'someone',
        isStream: false,
        promptTokens: 7,
        completionTokens: 3,
        isComplete: true,
      },
    ]);
    expect(gateway.counters).toEqual({ requests: 1, failed: 0, streamed: 0, cancelled: 0, refused: 0 });
  });

  test('is answered while PoC runs', async () => {
    gateway.desk.now = { ...gateway.desk.now, state: 'POW' };
    gateway.upstream.scripts = [answers(200, completion())];
    expect((await gateway.post(path, ask)).status).toBe(200);
  });

  test('is tried once more after an outage, and never a third time', async () => {
    gateway.upstream.scripts = [answers(502, '<html>sk-canary'), answers(200, completion())];
    expect((await gateway.post(path, ask)).status).toBe(200);
    gateway.upstream.scripts = [fails('UPSTREAM_UNREACHABLE')];
    expect(await failureOf(await gateway.post(path, ask))).toEqual([503, 'service_unavailable']);
    expect(gateway.upstream.requests).toHaveLength(4);
    expect(gateway.counters).toMatchObject({ requests: 2, failed: 1 });
  });

  test.each(['UPSTREAM_TIMEOUT', 'UPSTREAM_BROKEN'] as const)('is not sent twice after %s', async (code) => {
    gateway.upstream.scripts = [fails(code), answers(200, completion())];
    expect((await gateway.post(path, ask)).status).toBe(503);
    expect(gateway.upstream.requests).toHaveLength(1);
  });

  test('keeps Retry-After of a 429', async () => {
    gateway.caller.kind = 'direct';
    gateway.upstream.scripts = [answers(429, 'sk-canary', { retryAfterSeconds: 17 })];
    const response = await gateway.post(path, ask);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '17']);
    expect(await response.text()).not.toContain('canary');
    expect(gateway.upstream.requests).toHaveLength(1);
  });

  test.each([
    ['HTML', '<html>sk-canary</html>'],
    ['an error object', '{"error":{"message":"sk-canary"}}'],
    ['no choices', '{"choices":[]}'],
    ['a null message', '{"choices":[{"message":null}]}'],
  ])('with %s inside a 200 is a 503', async (_name, body) => {
    gateway.upstream.scripts = [answers(200, body)];
    const response = await gateway.post(path, ask);
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('canary');
    expect(gateway.usages).toMatchObject([{ isComplete: false, promptTokens: null }]);
  });

  test('lets the connections of refused answers go, and keeps that of a whole one', async () => {
    gateway.upstream.scripts = [answers(500, 'x'), answers(200, completion(), {})];
    await gateway.post(path, ask);
    await gateway.post(path, askStream);
    expect(gateway.upstream.requests.map(({ signal }) => signal.aborted)).toEqual([true, false, true]);
  });
});

describe('a request that is refused here', () => {
  test.each([
    ['broken JSON', '{"messages":', 400],
    ['an empty body', '', 400],
    ['a list', '[]', 400],
    ['no messages', { model }, 400],
    ['messages that are no list', { model, messages: 'prompt-canary' }, 400],
    ['an empty list', { model, messages: [] }, 400],
    ['a message without a role', { model, messages: [{ content: 'prompt-canary' }] }, 400],
    ['null messages', { model, messages: [null] }, 400],
    ['a stream that is no boolean', { ...ask, stream: 'yes' }, 400],
    ['another model', { ...ask, model: 'another/canary' }, 404],
    ['enforced text', { ...ask, enforced_str: 'canary' }, 503],
    ['enforced tokens', { ...ask, enforced_tokens: { tokens: [] } }, 503],
    ['enforced tokens in a malformed request', { enforced_tokens: {} }, 503],
  ])('%s never reaches the back end', async (_name, body, status) => {
    const response = await gateway.post(path, body);
    const text = await response.text();
    expect([response.status, text.includes('canary')]).toEqual([status, false]);
    expect(JSON.parse(text)).toMatchObject({ error: { message: expect.any(String), param: null } });
    expect(gateway.upstream.requests).toEqual([]);
    expect(gateway.counters).toMatchObject({ requests: 0, refused: 1 });
  });

  test('names the field that is wrong', async () => {
    const response = await gateway.post(path, { model, messages: [{ content: 'x' }] });
    expect(await response.text()).toContain('\\"messages.0.role\\"');
  });
});

test('an error of our own is a 503 that says nothing', async () => {
  const other = await gatewayCase({
    inference: deskOf(model, [], {
      candidates: () => {
        throw new TypeError('canary');
      },
    }),
  });
  expect(await failureOf(await other.post(path, ask))).toEqual([503, 'service_unavailable']);
  expect(other.counters).toMatchObject({ failed: 1 });
  expect(other.log.join('')).not.toContain('canary');
  await other.app.close();
});

test('the model list is the one expected model', async () => {
  const list = (await (await gateway.get('/v3.0.8/v1/models')).json()) as { data: { id: string }[] };
  expect(list.data.map(({ id }) => id)).toEqual([model]);
});
