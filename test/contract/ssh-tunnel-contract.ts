import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ReverseReceiver, ReverseRequest } from '../../src/adapters/ssh/interface.ts';
import { startFreezingProxy } from '../support/freezing-proxy.ts';
import { freePort } from '../../src/sandbox/free-port.ts';
import { limits, SshBench, type SetUp } from './ssh-bench.ts';

/** HTTP through the tunnel, both ways, and what becomes of it when the peer freezes without FIN. */
export function sshTunnelContract(setUp: SetUp): void {
  const bench = new SshBench(setUp);
  const { signal } = new AbortController();
  const cleanUps: (() => void)[] = [];
  afterEach(() => {
    for (const cleanUp of cleanUps.splice(0)) cleanUp();
  });

  /** An HTTP server on the machine; its port. */
  async function serve(
    answer: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<number> {
    const server = createServer(answer);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanUps.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }

  describe('HTTP to a port of the machine', () => {
    it('carries method, raw path, headers and bytes both ways, over channels that are used again', async () => {
      const body = randomBytes(300_000);
      const sockets = new Set<unknown>();
      const port = await serve((request, response) => {
        sockets.add(request.socket);
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const got = {
            bytes: Buffer.concat(chunks).toString('hex'),
            url: request.url,
            kind: request.headers['x-kind'],
          };
          response
            .writeHead(202, { 'X-Answer': 'yes' })
            .end(JSON.stringify({ method: request.method, ...got }));
        });
      });
      const session = await bench.session();
      const transport = session.transport(port);
      const url = `http://127.0.0.1:${port}/api/v1/a%252Fb/../%C3%A9?q=%20x&y="`;
      for (let call = 0; call < 5; call += 1) {
        const answer = await transport({
          method: 'POST',
          url,
          headers: { 'x-kind': 'k' },
          body,
          ...limits(),
        });
        expect(answer.status).toBe(202);
        expect(answer.headers['x-answer']).toBe('yes');
        expect(JSON.parse(answer.body)).toEqual({
          method: 'POST',
          bytes: body.toString('hex'),
          url: '/api/v1/a%252Fb/../%C3%A9?q=%20x&y="',
          kind: 'k',
        });
      }
      expect(sockets.size).toBeLessThan(5);
    });

    it('serves many calls at once, and goes on when the server closed its idle connections', async () => {
      const port = await serve((request, response) => response.end(`${request.url} ä`));
      const session = await bench.session();
      const transport = session.transport(port);
      const get = async (path: string): Promise<string> =>
        (await transport({ method: 'GET', url: `http://127.0.0.1:${port}${path}`, ...limits() })).body;
      const bodies = await Promise.all(Array.from({ length: 60 }, (_, call) => get(`/${call}`)));
      expect(bodies).toEqual(Array.from({ length: 60 }, (_, call) => `/${call} ä`));
      expect(await get('/later')).toBe('/later ä');
    });

    it('tells a port that nobody serves from a connection that is gone', async () => {
      const session = await bench.session();
      const port = await freePort();
      const call = { method: 'GET', url: `http://127.0.0.1:${port}/health`, ...limits() } as const;
      await expect(session.transport(port)(call)).rejects.toMatchObject({ code: 'WIRE_REFUSED' });
      expect((await session.exec('echo fine', limits())).stdout).toBe('fine\n');
    });

    it('ends a call at its limit, at the caller’s word, and when the connection breaks', async () => {
      const port = await serve(() => undefined);
      const proxy = await startFreezingProxy(bench.machine.port);
      cleanUps.push(() => proxy.close());
      const session = await bench.session(proxy.port);
      const call = { method: 'POST', url: `http://127.0.0.1:${port}/`, body: 'x' } as const;
      const transport = session.transport(port);
      await expect(transport({ ...call, ...limits(100) })).rejects.toMatchObject({ code: 'WIRE_TIMEOUT' });
      const caller = new AbortController();
      const abandoned = transport({ ...call, timeoutMs: 5_000, signal: caller.signal });
      caller.abort();
      await expect(abandoned).rejects.toMatchObject({ code: 'ABORTED' });
      const inFlight = transport({ ...call, ...limits() });
      setTimeout(() => proxy.cut(), 50);
      await expect(inFlight).rejects.toMatchObject({ code: 'WIRE_BROKEN' });
      await session.closed;
      await expect(transport({ ...call, ...limits() })).rejects.toMatchObject({ code: 'WIRE_REFUSED' });
    });
  });

  describe('what the machine posts', () => {
    const url = (port: number, path: string): string => `http://127.0.0.1:${port}${path}`;

    it('arrives byte for byte, in parallel, and is answered with what the receiver says', async () => {
      const got: ReverseRequest[] = [];
      const receiver: ReverseReceiver = async (request) => {
        got.push(request);
        return { status: 202, body: '{"ok":true}' };
      };
      const port = await freePort();
      const session = await bench.session();
      await session.reverse(port, receiver, signal);
      const body = randomBytes(1_000_000);
      const path = '/v2/poc-batches/generated/Qwen%252FQwen3-4B?x=%2F';
      const answers = await Promise.all(
        Array.from({ length: 8 }, async () => {
          const answer = await fetch(url(port, path), { method: 'POST', body, headers: { 'X-Kind': 'k' } });
          return [answer.status, await answer.text()];
        }),
      );
      expect(answers).toEqual(Array.from({ length: 8 }, () => [202, '{"ok":true}']));
      expect(got).toHaveLength(8);
      for (const request of got) {
        expect([request.method, request.path, request.headers['x-kind']]).toEqual(['POST', path, 'k']);
        expect(request.body.equals(body)).toBe(true);
      }
    });

    it('is taken from a sender that asks before it sends a large body, as curl does', async () => {
      const sizes: number[] = [];
      const port = await freePort();
      const session = await bench.session();
      await session.reverse(
        port,
        async ({ body }) => ({ status: sizes.push(body.length) && 200, body: '' }),
        signal,
      );
      const sending = request(url(port, '/x'), { method: 'POST', headers: { expect: '100-continue' } });
      sending.flushHeaders();
      await once(sending, 'continue');
      sending.end(Buffer.alloc(2_000_000));
      const [answer] = (await once(sending, 'response')) as [IncomingMessage];
      answer.resume();
      expect([answer.statusCode, sizes]).toEqual([200, [2_000_000]]);
    });

    it('gets 500 when the receiver throws and 413 when it is larger than 32 MiB', async () => {
      const port = await freePort();
      const session = await bench.session();
      await session.reverse(port, () => Promise.reject(new Error('no')), signal);
      const post = (body: Uint8Array<ArrayBuffer>): Promise<Response> =>
        fetch(url(port, '/x'), { method: 'POST', body });
      expect((await post(new Uint8Array(3))).status).toBe(500);
      expect((await post(new Uint8Array(33 * 1024 * 1024))).status).toBe(413);
    });

    it('finds its port bound once: a second time, and a port of another program, are refused', async () => {
      const receiver: ReverseReceiver = async () => ({ status: 200, body: '' });
      const session = await bench.session();
      const port = await freePort();
      await session.reverse(port, receiver, signal);
      await expect(session.reverse(port, receiver, signal)).rejects.toMatchObject({ code: 'SSH_PORT_BUSY' });
      const foreign = await serve((_request, response) => response.end('still here'));
      await expect(session.reverse(foreign, receiver, signal)).rejects.toMatchObject({
        code: 'SSH_PORT_BUSY',
      });
      expect(await (await fetch(url(foreign, '/'))).text()).toBe('still here');
    });

    it('is lost neither in a freeze without FIN nor in the reconnect: the same port is bound again', async () => {
      const batches = 30;
      const got = new Set<number>();
      const waiting: { count: number; resolve: () => void }[] = [];
      const receiver: ReverseReceiver = async ({ body }) => {
        got.add((JSON.parse(body.toString()) as { batch: number }).batch);
        for (const { count, resolve } of waiting) if (got.size >= count) resolve();
        return { status: 200, body: '' };
      };
      const received = (count: number): Promise<void> =>
        new Promise((resolve) => waiting.push({ count, resolve }));
      const proxy = await startFreezingProxy(bench.machine.port);
      cleanUps.push(() => proxy.close());
      const bystander = await bench.session();
      const first = await bench.session(proxy.port);
      const port = await freePort();
      await first.reverse(port, receiver, signal);
      const script = new URL('../support/retrying-sender.ts', import.meta.url).pathname;
      const sender = spawn(process.execPath, [script, `${port}`, `${batches}`, '50'], { stdio: 'inherit' });
      const sent = once(sender, 'exit');
      await received(3);
      proxy.freeze();
      expect(await first.closed).toMatchObject({
        code: 'SSH_LOST',
        message: expect.stringMatching(/keepalive/i),
      });
      expect(got.size).toBeLessThan(batches);
      // Nobody told the machine: its old listener still takes connections.
      const probe = connect(port, '127.0.0.1');
      await once(probe, 'connect');
      probe.destroy();

      const second = await bench.session(proxy.port, first.hostKey);
      await second.reverse(port, receiver, signal);
      await received(batches);
      expect(await sent).toEqual([0, null]);
      expect([...got].toSorted((a, b) => a - b)).toEqual(Array.from({ length: batches }, (_, at) => at + 1));
      expect((await bystander.exec('echo unharmed', limits())).stdout).toBe('unharmed\n');
    });
  });
}
