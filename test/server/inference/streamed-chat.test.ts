import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { theirModel } from '../back-end-case.ts';
import { gatewayCase, type GatewayCase, model } from '../gateway-case.ts';
import { aborted, answers, chunk, completion, event, streams, usageChunk } from '../scripted-upstream.ts';

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

describe('a streamed completion', () => {
  const linesOf = async (response: Response): Promise<string[]> =>
    (await response.text()).split('\n').filter(Boolean);

  test('is nothing but data lines and one final [DONE]', async () => {
    const text = [
      ': hi\r\n\r\n',
      'event: x\n',
      event(chunk('Zürich ')),
      event(chunk('', 'stop')),
      event(usageChunk),
    ];
    const bytes = Buffer.from([...text, event('[DONE]'), event('[DONE]')].join(''));
    gateway.upstream.scripts = [streams([...bytes].map((byte) => Buffer.of(byte)))];
    const response = await gateway.post(path, askStream);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const lines = await linesOf(response);
    expect(lines.every((line) => line.startsWith('data: '))).toBe(true);
    expect(
      lines
        .map((line) => line.slice(6))
        .map((line): unknown => (line === '[DONE]' ? line : JSON.parse(line))),
    ).toEqual([
      { ...chunk('Zürich '), model },
      { ...chunk('', 'stop'), model },
      { ...usageChunk, model },
      '[DONE]',
    ]);
    expect(gateway.usages).toEqual([
      {
        upstream: 'scripted',
        model,
        upstreamModel: theirModel,
        caller: 'someone',
        isStream: true,
        promptTokens: 7,
        completionTokens: 3,
        isComplete: true,
      },
    ]);
    expect(gateway.counters).toEqual({ requests: 1, failed: 0, streamed: 1, cancelled: 0, refused: 0 });
  });

  test('gets the [DONE] that the back end forgot', async () => {
    gateway.upstream.scripts = [streams([event(chunk('a', 'stop')).trimEnd()])];
    expect((await linesOf(await gateway.post(path, askStream))).at(-1)).toBe('data: [DONE]');
  });

  test.each([
    ['is truncated', streams([event(chunk('a'))])],
    ['breaks off', streams([event(chunk('a'))], 'UPSTREAM_BROKEN')],
    [
      'carries an error',
      streams([event(chunk('a')), event({ error: { message: 'sk-canary' } }), event('[DONE]')]),
    ],
  ])('that %s ends with an error chunk and without [DONE]', async (_name, script) => {
    gateway.caller.kind = 'direct';
    gateway.upstream.scripts = [script];
    const lines = await linesOf(await gateway.post(path, askStream));
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[1]?.slice(6) ?? '')).toMatchObject({ error: { type: 'service_unavailable' } });
    expect(lines.join('')).not.toMatch(/canary|\[DONE\]/);
    expect(gateway.counters).toMatchObject({ requests: 1, failed: 1 });
    expect(gateway.usages).toMatchObject([{ isComplete: false }]);
  });

  test('that breaks off also breaks the connection of the Network Node', async () => {
    gateway.upstream.scripts = [streams([event(chunk('a'))])];
    const response = await gateway.post(path, askStream);
    const reader = response.body?.getReader();
    let text = '';
    const read = async (): Promise<void> => {
      for (;;) {
        const piece = await reader?.read();
        if (piece === undefined || piece.done) return;
        text += Buffer.from(piece.value).toString();
      }
    };
    await expect(read()).rejects.toThrow('terminated');
    expect(text.split('\n').filter(Boolean)).toHaveLength(2);
    expect(text).not.toContain('[DONE]');
  });

  test.each([
    ['is empty', streams([]), 503],
    ['breaks at once', streams([], 'UPSTREAM_TIMEOUT'), 503],
    ['begins with an error', streams([event({ object: 'error', code: 429 })]), 429],
    ['is no event stream', answers(200, completion()), 503],
    ['is refused', answers(401, 'sk-canary'), 503],
  ])('that %s still has a status of its own', async (_name, script, status) => {
    gateway.caller.kind = 'direct';
    gateway.upstream.scripts = [script];
    const response = await gateway.post(path, askStream);
    expect(response.status).toBe(status);
    expect(await response.text()).not.toContain('canary');
  });

  test('reaches the caller piece by piece', async () => {
    const gate = Promise.withResolvers<void>();
    gateway.upstream.scripts = [
      () => ({
        status: 200,
        contentType: 'text/event-stream',
        retryAfterSeconds: null,
        body: (async function* () {
          yield Buffer.from(event(chunk('first')));
          await gate.promise;
          yield Buffer.from(event(chunk('', 'stop')));
        })(),
      }),
    ];
    const response = await gateway.post(path, askStream);
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(Buffer.from(first?.value ?? []).toString()).toContain('first');
    gate.resolve();
    const second = await reader?.read();
    expect(Buffer.from(second?.value ?? []).toString()).toContain('stop');
    await reader?.cancel();
  });

  test('is read no faster than the caller reads', async () => {
    let produced = 0;
    let isLeft = false;
    const piece = Buffer.from(event(chunk('x'.repeat(60_000))));
    gateway.upstream.scripts = [
      ({ signal }) => ({
        status: 200,
        contentType: 'text/event-stream',
        retryAfterSeconds: null,
        body: (async function* () {
          try {
            while (produced < 2_000 && !signal.aborted) {
              produced += 1;
              yield piece;
            }
          } finally {
            isLeft = true;
          }
        })(),
      }),
    ];
    const body = JSON.stringify(askStream);
    const socket = connect(gateway.port, '127.0.0.1');
    socket.pause();
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    let last = -1;
    await vi.waitFor(
      () => {
        const before = last;
        last = produced;
        expect(produced > 0 && produced === before).toBe(true);
      },
      { interval: 100, timeout: 10_000 },
    );
    expect(produced).toBeLessThan(1_000);
    socket.destroy();
    await vi.waitFor(() => expect(isLeft).toBe(true));
    await vi.waitFor(() => expect(gateway.counters.cancelled).toBe(1));
  });
});

describe('a caller that leaves', () => {
  const leaveWhen = async (
    body: object,
    isDue: (response: Response | undefined) => boolean,
  ): Promise<void> => {
    const caller = new AbortController();
    let response: Response | undefined;
    const call = fetch(gateway.origin + path, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: caller.signal,
    });
    const seen = async (): Promise<void> => {
      response = await call;
    };
    seen().catch(() => undefined);
    await vi.waitFor(() => expect(gateway.upstream.requests.length > 0 && isDue(response)).toBe(true));
    caller.abort();
    await vi.waitFor(() => {
      expect(gateway.upstream.requests[0]?.signal.aborted).toBe(true);
      expect(gateway.counters.cancelled).toBe(1);
    });
    expect(gateway.counters.failed).toBe(0);
  };
  const thenHang = (first?: string): void => {
    gateway.upstream.scripts = [
      ({ signal }) => ({
        status: 200,
        contentType: first === undefined ? 'application/json' : 'text/event-stream',
        retryAfterSeconds: null,
        body: (async function* () {
          if (first !== undefined) yield Buffer.from(first);
          await aborted(signal);
        })(),
      }),
    ];
  };

  test.each([
    ['plain', ask],
    ['streamed', askStream],
  ])('before the head of a %s answer cancels upstream', async (_name, body) => {
    gateway.upstream.scripts = [({ signal }) => aborted(signal)];
    await leaveWhen(body, () => true);
    expect(gateway.usages).toEqual([]);
  });
  test('in the middle of a plain answer cancels upstream', async () => {
    thenHang();
    await leaveWhen(ask, () => true);
    expect(gateway.usages).toMatchObject([{ isComplete: false }]);
  });
  test('before the first token cancels upstream', async () => {
    thenHang('');
    await leaveWhen(askStream, () => true);
  });
  test('in the middle of a stream cancels upstream', async () => {
    thenHang(event(chunk('a')));
    await leaveWhen(askStream, (response) => response !== undefined);
    expect(gateway.usages).toMatchObject([{ isComplete: false, isStream: true }]);
  });
});
