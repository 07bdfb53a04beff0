import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gatewayCase, type GatewayCase } from '../gateway-case.ts';

let gateway: GatewayCase;
beforeEach(async () => {
  gateway = await gatewayCase();
});
afterEach(() => gateway.app.close());
const ask = (method: string, path: string): Promise<Response> => fetch(gateway.origin + path, { method });

describe('a known path asked with another method', () => {
  test.each([
    ['POST', '/api/v1/state', 'GET, HEAD'],
    ['GET', '/api/v1/stop', 'POST'],
    ['PUT', '/v3.0.8/api/v1/pow/init/generate', 'POST'],
    ['GET', '/api/v1/models', 'DELETE'],
    ['POST', '/api/v1/inference/pow/generate/5001:abc', 'GET, HEAD'],
    ['DELETE', '/health', 'GET, HEAD'],
    ['OPTIONS', '/api/v1/state?x=1', 'GET, HEAD'],
    ['OPTIONS', '/api/v1/inference/up', 'POST'],
  ])('%s %s is 405 and names the others', async (method, path, allow) => {
    const response = await ask(method, path);
    expect([response.status, await response.json(), response.headers.get('allow')]).toEqual([
      405,
      { detail: 'Method Not Allowed' },
      allow,
    ]);
    expect(gateway.desk.calls).toEqual([]);
  });

  test('speaks OpenAI’s language under /v1/', async () => {
    const response = await ask('GET', '/v1/chat/completions');
    expect(response.status).toBe(405);
    expect(await response.json()).toMatchObject({ error: { message: 'Method Not Allowed' } });
    expect(gateway.upstream.requests).toEqual([]);
  });
});

test('HEAD is GET without a body', async () => {
  for (const path of ['/api/v1/state', '/health', '/livez', '/v1/models', '/api/v1/gpu/devices']) {
    const response = await ask('HEAD', path);
    expect([path, response.status, await response.text()]).toEqual([path, 200, '']);
  }
  expect(gateway.upstream.requests).toEqual([]);
});

test('a path that is none is 404 with any method', async () => {
  for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE']) {
    const response = await ask(method, '/api/v1/pow/init/generate/more');
    expect([response.status, await response.json()]).toEqual([404, { detail: 'Not Found' }]);
  }
});
