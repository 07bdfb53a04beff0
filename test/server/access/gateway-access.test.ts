import { afterEach, describe, expect, test } from 'vitest';
import { gatewayCase, type GatewayCase, initBody, model } from '../gateway-case.ts';
import { answers, completion } from '../scripted-upstream.ts';
import { accessRules, aliceToken, bearer, loopback, managerToken } from './access-case.ts';

let gateway: GatewayCase | undefined;
afterEach(() => gateway?.app.close());
async function open(rules = accessRules()): Promise<GatewayCase> {
  gateway = await gatewayCase({ access: rules });
  gateway.upstream.scripts = [answers(200, completion())];
  return gateway;
}
const chat = { model, messages: [{ role: 'user', content: 'hello' }] };

describe('a stranger', () => {
  test('gets 401 from every path, a known one or not, and reaches nothing', async () => {
    const { get, post, desk, upstream } = await open();
    const answered = await Promise.all([
      get('/api/v1/state'),
      get('/v3.0.8/health'),
      get('/nothing/here'),
      post('/api/v1/stop'),
      post('/evil/api/v1/stop'),
      post('/api/v1/pow/init/generate', initBody),
      post('/v1/chat/completions', chat),
      post('/%761/chat/completions', chat),
    ]);
    expect(answered.map(({ status }) => status)).toEqual(Array(8).fill(401));
    expect(answered.map(({ headers }) => headers.get('www-authenticate'))).toEqual(Array(8).fill('Bearer'));
    expect(await answered[0]?.json()).toEqual({ detail: expect.stringContaining('ALLOW_FROM') as string });
    expect(await answered[6]?.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
    expect([desk.calls, upstream.requests]).toEqual([[], []]);
  });

  test.each([
    'Bearer wrong-token-0123456789',
    'Bearer ',
    aliceToken,
    `Basic ${aliceToken}`,
    `Bearer x${aliceToken}`,
  ])('is none the less one with "Authorization: %s"', async (authorization) => {
    const { post } = await open();
    expect((await post('/v1/chat/completions', chat, { authorization })).status).toBe(401);
  });

  test('cannot claim an address', async () => {
    const { post } = await open(accessRules({ from: [{ address: '10.0.0.0', prefix: 8 }] }));
    const claims = { 'x-forwarded-for': '10.0.0.1', 'x-real-ip': '10.0.0.1', forwarded: 'for=10.0.0.1' };
    expect((await post('/v1/chat/completions', chat, claims)).status).toBe(401);
  });
});

describe('a token', () => {
  test('opens inference and not management', async () => {
    const { post, desk } = await open();
    expect((await post('/v1/chat/completions', chat, bearer(aliceToken))).status).toBe(200);
    const stop = await post('/api/v1/stop', undefined, bearer(aliceToken));
    expect([stop.status, await stop.json()]).toEqual([403, { detail: 'This token is for inference only' }]);
    expect(desk.calls).toEqual([]);
  });

  test('opens both when it is named for management', async () => {
    const { post, desk } = await open();
    expect((await post('/v1/chat/completions', chat, bearer(managerToken))).status).toBe(200);
    expect((await post('/api/v1/stop', undefined, bearer(managerToken))).status).toBe(200);
    expect(desk.calls).toEqual(['stop']);
  });

  test('appears in no log and goes nowhere', async () => {
    const { post, log, upstream } = await open();
    await post('/v1/chat/completions', chat, bearer(aliceToken));
    await post('/v1/chat/completions', chat, bearer(`${aliceToken}x`));
    expect(log.join('') + JSON.stringify(upstream.requests)).not.toContain('canary');
  });
});

describe('an allowed address', () => {
  test('needs no token, and one that is wrong does not harm it', async () => {
    const { post } = await open(accessRules({ from: loopback, managementFrom: loopback }));
    expect((await post('/v1/chat/completions', chat)).status).toBe(200);
    expect((await post('/v1/chat/completions', chat, bearer('sk-whatever'))).status).toBe(200);
    expect((await post('/api/v1/stop')).status).toBe(200);
  });

  test('may be allowed inference alone', async () => {
    const { get, post, desk } = await open(accessRules({ from: loopback }));
    expect((await post('/v1/chat/completions', chat)).status).toBe(200);
    expect((await get('/health')).status).toBe(200);
    expect((await post('/api/v1/stop')).status).toBe(401);
    expect((await get('/nothing/here')).status).toBe(404);
    expect(desk.calls).toEqual([]);
  });

  test('may be allowed management alone', async () => {
    const { get, post } = await open(accessRules({ managementFrom: loopback }));
    expect((await get('/api/v1/state')).status).toBe(200);
    expect((await post('/v1/chat/completions', chat)).status).toBe(401);
  });
});
