import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { apiBase } from '../../../src/adapters/upstream/base-url.ts';
import { createHttpUpstream, type HttpUpstream } from '../../../src/adapters/upstream/http.ts';
import { retryAfterSeconds } from '../../../src/adapters/upstream/retry-after.ts';
import { createOfetchTransport } from '../../../src/adapters/ofetch-transport.ts';
import { Secret } from '../../../src/secret.ts';

test.each([
  'https://api.hyperbolic.xyz',
  'https://api.hyperbolic.xyz/',
  'https://api.hyperbolic.xyz/v1',
  'https://api.hyperbolic.xyz/v1/',
])('%s has one /v1', (url) => {
  expect(apiBase(url)).toBe('https://api.hyperbolic.xyz/v1');
});

test('Retry-After is read as seconds and as a date', () => {
  const now = Date.parse('Mon, 23 Nov 2026 10:00:00 GMT');
  expect(retryAfterSeconds('7', now)).toBe(7);
  expect(retryAfterSeconds('Mon, 23 Nov 2026 10:00:30 GMT', now)).toBe(30);
  expect(retryAfterSeconds('Mon, 23 Nov 2026 09:00:00 GMT', now)).toBe(0);
  expect(retryAfterSeconds('soon', now)).toBeNull();
  expect(retryAfterSeconds(undefined, now)).toBeNull();
});

describe('the HTTP form of an inference API', () => {
  let server: Server | undefined;
  let upstream: HttpUpstream | undefined;
  const { signal } = new AbortController();

  async function against(handler: Parameters<typeof createServer>[1]): Promise<HttpUpstream> {
    server = createServer(handler as Parameters<typeof createServer>[0] & object);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', () => resolve()));
    const { port } = server.address() as AddressInfo;
    upstream = createHttpUpstream({
      name: 'test',
      baseUrl: `http://127.0.0.1:${port}`,
      key: new Secret('k'),
      transport: createOfetchTransport(),
      limits: { connectTimeoutMs: 1000, headersTimeoutMs: 200, gapTimeoutMs: 200 },
    });
    return upstream;
  }
  afterEach(async () => {
    await upstream?.close();
    server?.closeAllConnections();
    server?.close();
  });
  const post = (target: HttpUpstream): ReturnType<HttpUpstream['complete']> =>
    target.complete({ path: '/chat/completions', body: '{"prompt":"canary"}', signal });

  test('gives up when the head does not come', async () => {
    const target = await against(() => undefined);
    const error: unknown = await post(target).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    expect(String(error) + JSON.stringify(error)).not.toContain('canary');
  });

  test('gives up when the body pauses for too long', async () => {
    const target = await against((_, answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      answer.write('data: {}\n\n');
    });
    const answer = await post(target);
    const read = async (): Promise<number> => {
      let bytes = 0;
      for await (const piece of answer.body) bytes += piece.length;
      return bytes;
    };
    await expect(read()).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
  });

  test('sends a request once when the connection breaks after it', async () => {
    let calls = 0;
    const target = await against((request) => {
      calls += 1;
      request.socket.destroy();
    });
    await expect(post(target)).rejects.toMatchObject({ code: 'UPSTREAM_BROKEN' });
    expect(calls).toBe(1);
  });

  test('is unreachable where nothing listens', async () => {
    const target = await against(() => undefined);
    await new Promise<void>((resolve) => server?.close(() => resolve()));
    await expect(post(target)).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
    await expect(target.models(signal)).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
  });

  test.each([
    ['HTML', 200, '<html>', 'UPSTREAM_BAD_ANSWER'],
    ['another list', 200, '{"models":[]}', 'UPSTREAM_BAD_ANSWER'],
    ['an empty 404', 404, '', 'UPSTREAM_BAD_ANSWER'],
    ['a 503', 503, '', 'UPSTREAM_UNREACHABLE'],
  ])('%s in place of the model list is an error of its own', async (_, status, body, code) => {
    const target = await against((_request, answer) => answer.writeHead(status).end(body));
    await expect(target.models(signal)).rejects.toMatchObject({ code });
  });

  test('refuses a base that is no URL', () => {
    const options = { name: 'test', key: new Secret('k'), transport: createOfetchTransport() };
    expect(() => createHttpUpstream({ ...options, baseUrl: 'hyperbolic' })).toThrow(RangeError);
  });
});
