import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createOfetchTransport } from '../../src/adapters/ofetch-transport.ts';
import { createRawPathTransport } from '../../src/adapters/raw-path-transport.ts';
import type { Transport, WireRequest } from '../../src/adapters/transport.ts';
import { createWorldTransport } from '../../src/adapters/world-transport.ts';
import type { HybridError } from '../../src/errors.ts';
import type { WorldOutcome, WorldRequest } from '../../src/world/exchange.ts';

type Seen = { method: string; path: string; headers: IncomingMessage['headers']; body: string };
let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  server = undefined;
});

async function listen(handler: (seen: Seen, response: ServerResponse) => void): Promise<string> {
  const http = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () =>
      handler(
        {
          method: incoming.method ?? '',
          path: incoming.url ?? '',
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString(),
        },
        response,
      ),
    );
  });
  server = http;
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', () => resolve());
  });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

const call = (url: string, more: Partial<WireRequest> = {}): WireRequest => ({
  method: 'POST',
  url,
  timeoutMs: 2_000,
  signal: new AbortController().signal,
  ...more,
});

async function failure(transport: Transport, request: WireRequest): Promise<HybridError> {
  const error = await transport(request).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ name: 'HybridError' });
  return error as HybridError;
}

describe.each([
  ['ofetch', createOfetchTransport],
  ['raw path', createRawPathTransport],
])('the %s transport', (_name, create) => {
  it('sends the body untouched, with the headers it was given and no content type of its own', async () => {
    let seen: Seen | undefined;
    const origin = await listen((request, response) => {
      seen = request;
      response.writeHead(201, { 'X-Answer': 'yes' }).end('{"a":1}');
    });
    const answer = await create()(
      call(`${origin}/v2/poc-batches/org%252Fname/generated?x=%20a`, { body: '{ "raw" : 1 }' }),
    );
    expect(answer).toMatchObject({ status: 201, body: '{"a":1}', headers: { 'x-answer': 'yes' } });
    expect(seen).toMatchObject({
      path: '/v2/poc-batches/org%252Fname/generated?x=%20a',
      body: '{ "raw" : 1 }',
    });
    expect(seen?.headers['content-type']).toBeUndefined();
  });

  it('hands back error answers and redirects as they are', async () => {
    const origin = await listen((request, response) => {
      response.writeHead(request.path === '/moved' ? 302 : 503, { location: '/elsewhere' }).end('no');
    });
    expect(await create()(call(`${origin}/moved`))).toMatchObject({ status: 302 });
    expect(await create()(call(`${origin}/busy`, { method: 'GET' }))).toMatchObject({
      status: 503,
      body: 'no',
    });
  });

  it('tells refused, broken, timed out and abandoned apart', async () => {
    const origin = await listen((request, response) => {
      if (request.path === '/half') {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half', () => response.destroy());
      } else if (request.path === '/drop') response.destroy();
    });
    expect((await failure(create(), call(`${origin}/drop`))).code).toBe('WIRE_BROKEN');
    expect((await failure(create(), call(`${origin}/half`))).code).toBe('WIRE_BROKEN');
    expect((await failure(create(), call(`${origin}/hang`, { timeoutMs: 50 }))).code).toBe('WIRE_TIMEOUT');
    const caller = new AbortController();
    const abandoned = failure(create(), call(`${origin}/hang`, { signal: caller.signal }));
    caller.abort();
    expect((await abandoned).code).toBe('ABORTED');
    expect((await failure(create(), call('http://127.0.0.1:1/x'))).code).toBe('WIRE_REFUSED');
  });

  it('names neither headers nor query nor body in an error', async () => {
    const origin = await listen((_request, response) => void response.destroy());
    const error = await failure(
      create(),
      call(`${origin}/x?key=sesame1`, { headers: { authorization: 'Bearer sesame2' }, body: 'sesame3' }),
    );
    expect(`${error.stack} ${JSON.stringify(error.facts)} ${String(error.cause)}`).not.toContain('sesame');
    expect(error.message).toContain('127.0.0.1');
  });
});

describe('the raw path transport', () => {
  it('leaves a path alone that fetch would rewrite', async () => {
    let path = '';
    const origin = await listen((request, response) => {
      ({ path } = request);
      response.end();
    });
    await createRawPathTransport()(call(`${origin}/a/./b/../c%2e%252F?q='x'`));
    expect(path).toBe(`/a/./b/../c%2e%252F?q='x'`);
  });
});

describe('the world transport', () => {
  const transport = (outcome: (request: WorldRequest) => WorldOutcome): Transport =>
    createWorldTransport({ neighbour: { handle: async (request) => outcome(request) } });

  it('gives the neighbour the raw path and lower-case headers, and collects a stream', async () => {
    let seen: WorldRequest | undefined;
    const pieces = async function* (): AsyncGenerator<string> {
      yield 'one ';
      yield 'two';
    };
    const answer = await transport((request) => {
      seen = request;
      return { status: 200, headers: { 'Content-Type': 'text/plain' }, body: pieces() };
    })(call('http://any/a%252Fb?c=%20', { headers: { 'Content-Type': 'x/y' }, body: Buffer.from('hé') }));
    expect(seen).toMatchObject({ path: '/a%252Fb?c=%20', headers: { 'content-type': 'x/y' }, body: 'hé' });
    expect(answer).toEqual({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'one two' });
  });

  it('maps a dropped socket to WIRE_BROKEN and a hanging one to the limit or the caller', async () => {
    expect(
      (
        await failure(
          transport(() => 'drop'),
          call('http://any/'),
        )
      ).code,
    ).toBe('WIRE_BROKEN');
    const hang = transport(() => 'hang');
    expect((await failure(hang, call('http://any/', { timeoutMs: 5 }))).code).toBe('WIRE_TIMEOUT');
    const caller = new AbortController();
    const abandoned = failure(hang, call('http://any/', { signal: caller.signal }));
    caller.abort();
    expect((await abandoned).code).toBe('ABORTED');
  });

  it('times its limits on the clock it was given, and lets the neighbour see the hang-up', async () => {
    const timers: (() => void)[] = [];
    let signal: AbortSignal | undefined;
    const waiting = createWorldTransport({
      neighbour: {
        handle: async (request) => {
          ({ signal } = request);
          return 'hang';
        },
      },
      clock: { setTimeout: (fn) => ({ worldTimer: timers.push(fn) }), clearTimeout: () => undefined },
    });
    const failed = failure(waiting, call('http://any/', { timeoutMs: 1e9 }));
    expect(timers).toHaveLength(1);
    timers[0]?.();
    expect((await failed).code).toBe('WIRE_TIMEOUT');
    expect(signal?.aborted).toBe(true);
  });
});
