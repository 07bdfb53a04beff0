import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { gatewayLimits } from '../../../src/server/gateway.ts';
import { accessRules, aliceToken, bearer, loopback, managerToken } from '../access/access-case.ts';
import { gatewayCase, type GatewayCase, initBody, model } from '../gateway-case.ts';
import { aborted, answers, chunk, completion, event, streams } from '../scripted-upstream.ts';

let gateway: GatewayCase | undefined;
afterEach(() => gateway?.app.close());
const chat = { model, messages: [{ role: 'user', content: 'hello' }] };
const polls = ['/api/v1/state', '/health', '/v1/models', '/api/v1/inference/pow/status'];

describe('a node that is full', () => {
  test('refuses inference and answers polls and PoC calls', async () => {
    const limits = gatewayLimits({ maxConcurrent: 2 });
    gateway = await gatewayCase({ limits });
    const { get, post, upstream } = gateway;
    upstream.scripts = [({ signal }) => aborted(signal)];
    const leaving = new AbortController();
    const running = [1, 2].map(() =>
      fetch(`${gateway?.origin}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify(chat),
        signal: leaving.signal,
      }).catch(() => undefined),
    );
    await vi.waitFor(() => expect(upstream.requests.length).toBe(2));

    const refused = await post('/v1/chat/completions', chat);
    expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
      503,
      '1',
      { error: expect.objectContaining({ type: 'service_unavailable', code: 'node_is_full' }) as object },
    ]);
    for (const path of polls) expect([path, (await get(path)).status]).toEqual([path, 200]);
    gateway.desk.now = { ...gateway.desk.now, state: 'STOPPED' };
    expect((await post('/api/v1/pow/init/generate', initBody)).status).toBe(200);

    leaving.abort();
    await Promise.all(running);
    await vi.waitFor(() => expect(limits.view().running).toBe(0));
    upstream.scripts = [answers(200, completion())];
    expect((await post('/v1/chat/completions', chat)).status).toBe(200);
  });

  test('gets every place back, whenever callers leave', async () => {
    const limits = gatewayLimits({ maxConcurrent: 50 });
    gateway = await gatewayCase({ limits });
    gateway.upstream.scripts = [({ signal }) => aborted(signal)];
    const body = JSON.stringify(chat);
    const leaveAfter = (sent: number, waitMs: number): Promise<void> =>
      new Promise((resolve) => {
        const call = httpRequest(`${gateway?.origin}/v1/chat/completions`, {
          method: 'POST',
          agent: false,
          headers: { 'content-length': body.length },
        });
        call.on('error', () => resolve()).on('response', (answer) => answer.resume().on('end', resolve));
        call.write(body.slice(0, sent), () => setTimeout(() => call.destroy(), waitMs));
      });
    await Promise.all(
      Array.from({ length: 120 }, (_, index) => leaveAfter(index % 3 === 0 ? 5 : body.length, index % 7)),
    );
    await vi.waitFor(() => expect(limits.view().running).toBe(0));
  });
});

describe('a caller with a token', () => {
  const access = accessRules({ from: loopback, managementFrom: loopback });
  test('is held to its rate; an address and a manager are not, nor is any poll', async () => {
    const limits = gatewayLimits({
      maxConcurrent: 100,
      access,
      limits: { requestsPerMinute: 2, inferenceBodyBytesMax: 1000 },
    });
    gateway = await gatewayCase({ limits, access });
    const { get, post, upstream } = gateway;
    upstream.scripts = [answers(200, completion())];
    const asked = async (headers: Record<string, string>): Promise<number[]> => {
      const statuses: number[] = [];
      for (let request = 0; request < 4; request += 1)
        statuses.push((await post('/v1/chat/completions', chat, headers)).status);
      return statuses;
    };
    expect(await asked(bearer(aliceToken))).toEqual([200, 200, 429, 429]);
    expect(await asked({})).toEqual([200, 200, 200, 200]);
    expect(await asked(bearer(managerToken))).toEqual([200, 200, 200, 200]);
    const refused = await post('/%761/chat/completions', chat, bearer(aliceToken));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30']);
    for (const path of polls) expect((await get(path)).status).toBe(200);
    expect((await fetch(`${gateway.origin}/api/v1/state`, { headers: bearer(aliceToken) })).status).toBe(200);
  });

  test('is turned away when its day is used up', async () => {
    const limits = gatewayLimits({
      maxConcurrent: 100,
      access,
      limits: { tokensPerDay: 10, inferenceBodyBytesMax: 1000 },
    });
    gateway = await gatewayCase({ limits, access });
    const { post, upstream } = gateway;
    upstream.scripts = [answers(200, completion())];
    expect((await post('/v1/chat/completions', chat, bearer(aliceToken))).status).toBe(200);
    expect(limits.view().tokensToday).toEqual({ alice: 10 });
    const refused = await post('/v1/chat/completions', chat, bearer(aliceToken));
    expect([refused.status, await refused.json()]).toMatchObject([
      429,
      { error: { code: 'daily_tokens_exceeded' } },
    ]);
    expect((await post('/v1/chat/completions', chat)).status).toBe(200);
  });
});

describe('tokens that no back end stated', () => {
  const access = accessRules({ from: loopback, managementFrom: loopback });
  test.each([
    ['a stream that broke off', { stream: true }, streams([event(chunk('a')), event(chunk('b'))]), 4],
    [
      'a whole stream without usage',
      { stream: true },
      streams([event(chunk('a', 'stop')), event('[DONE]')]),
      3,
    ],
    ['a plain answer without usage', {}, answers(200, completion({ usage: undefined })), 3],
  ])('count for the cap as far as they were seen: %s', async (_name, change, script, tokens) => {
    const limits = gatewayLimits({
      maxConcurrent: 9,
      access,
      limits: { tokensPerDay: 3, inferenceBodyBytesMax: 1000 },
    });
    gateway = await gatewayCase({ limits, access });
    gateway.upstream.scripts = [script];
    const body = { ...chat, ...change, messages: [{ role: 'user', content: 'two words' }] };
    await (await gateway.post('/v1/chat/completions', body, bearer(aliceToken)))
      .text()
      .catch(() => undefined);
    await vi.waitFor(() => expect(limits.view().tokensToday).toEqual({ alice: tokens }));
    expect((await gateway.post('/v1/chat/completions', chat, bearer(aliceToken))).status).toBe(429);
  });
});

describe('a body', () => {
  test.each([
    ['/api/v1/inference/up', 256 * 1024],
    ['/api/v1/stop', 256 * 1024],
    ['/v1/chat/completions', 5000],
  ])('of %s may have %i bytes and not one more', async (path, bytesMax) => {
    gateway = await gatewayCase({ inferenceBodyBytesMax: 5000 });
    const statusOf = async (bytes: number): Promise<number> =>
      (await gateway!.post(path, ' '.repeat(bytes))).status;
    expect(await statusOf(bytesMax)).not.toBe(413);
    expect(await statusOf(bytesMax + 1)).toBe(413);
  });

  test('of PoC may be large, and is refused in the words of the API that was asked', async () => {
    gateway = await gatewayCase({ inferenceBodyBytesMax: 1000 });
    const { post } = gateway;
    gateway.desk.now = { ...gateway.desk.now, state: 'STOPPED' };
    const batch = {
      public_key: 'a',
      block_hash: 'b',
      block_height: 1,
      nonces: Array(200_000).fill(7),
      dist: [],
    };
    expect((await post('/api/v1/pow/validate', batch)).status).toBe(200);
    expect(await (await post('/api/v1/stop', 'x'.repeat(300_000))).json()).toEqual({
      detail: 'Request body is too large',
    });
    expect(await (await post('/v1/chat/completions', 'x'.repeat(2000))).json()).toMatchObject({
      error: { message: 'Request body is too large' },
    });
  });
});
