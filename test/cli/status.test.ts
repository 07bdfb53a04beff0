import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { outline } from '../../src/cli/outline.ts';
import { createPaint } from '../../src/cli/paint.ts';
import { capturedIo } from './captured-io.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => {
    server?.listen(0, '127.0.0.1', resolve);
  });
  return String((server.address() as AddressInfo).port);
}

const state = {
  epoch: { value: 'renting', nextAt: 1_767_225_600_000 },
  money: { spentMicroUsd: 250_000 },
  leases: [],
};

describe('status', () => {
  it('prints everything that the daemon says, known or not, with --all', async () => {
    const port = await serve((_, reply) => reply.end(JSON.stringify(state)));
    const io = capturedIo({ env: { INSPECTION_PORT: port } });
    expect(await dispatch(['status', '--all'], io)).toBe(0);
    expect(io.out()).toBe(
      'epoch:\n  value: renting\n  nextAt: 2026-01-01T00:00:00.000Z\nmoney:\n  spentMicroUsd: $0.2500\nleases: none\n',
    );
  });

  it('hands the answer on as it came with --json', async () => {
    const port = await serve((_, reply) => reply.end(JSON.stringify(state)));
    const io = capturedIo({ env: { INSPECTION_PORT: port } });
    expect(await dispatch(['status', '--json'], io)).toBe(0);
    expect(JSON.parse(io.out())).toEqual(state);
  });

  it('sends the token, and says when it is missing or wrong without repeating it', async () => {
    const port = await serve((request, reply) => {
      reply.statusCode = request.headers.authorization === 'Bearer right-canary' ? 200 : 401;
      reply.end('{}');
    });
    const right = capturedIo({ env: { INSPECTION_PORT: port, INSPECTION_TOKEN: 'right-canary' } });
    expect(await dispatch(['status'], right)).toBe(0);
    const wrong = capturedIo({ env: { INSPECTION_PORT: port, INSPECTION_TOKEN: 'wrong-canary' } });
    expect(await dispatch(['status'], wrong)).toBe(1);
    expect(wrong.err()).toContain('DAEMON_REFUSED');
    expect(wrong.err()).not.toContain('canary');
    const none = capturedIo({ env: { INSPECTION_PORT: port } });
    await dispatch(['status'], none);
    expect(none.err()).toContain('wants INSPECTION_TOKEN');
  });

  it('says that no daemon answers, and at which address it asked', async () => {
    const port = await serve((_, reply) => reply.end());
    await new Promise((resolve) => server?.close(resolve));
    const io = capturedIo({ env: { INSPECTION_PORT: port } });
    expect(await dispatch(['status'], io)).toBe(1);
    expect(io.err()).toContain(`DAEMON_NOT_RUNNING: no daemon answers at http://127.0.0.1:${port}/v1/state`);
  });

  it.each([
    ['an HTML page', 200, '<html></html>'],
    ['a list', 200, '[]'],
    ['another status', 404, '{}'],
  ])('takes %s for another service', async (_, status, body) => {
    const port = await serve((_request, reply) => {
      reply.statusCode = status;
      reply.end(body);
    });
    const io = capturedIo({ env: { INSPECTION_PORT: port } });
    expect(await dispatch(['status'], io)).toBe(1);
    expect(io.err()).toContain('DAEMON_BAD_ANSWER');
  });

  it('gives up on a daemon that does not answer', async () => {
    const port = await serve(() => undefined);
    const io = capturedIo({ env: { INSPECTION_PORT: port } });
    expect(await dispatch(['status', '--timeout', '1'], io)).toBe(1);
    expect(io.err()).toContain('WIRE_TIMEOUT');
  });

  it('needs no other setting, but its own must be right', async () => {
    const io = capturedIo({ env: { INSPECTION_PORT: 'http' } });
    expect(await dispatch(['status'], io)).toBe(2);
    expect(io.err()).toContain('INSPECTION_PORT (environment) must be a port');
  });
});

describe('the page of status', () => {
  it('warns of a policy that the chain does not pay', async () => {
    const warning = 'the chain expects 4 confirmation PoCs an epoch, and the whole epoch earns nothing';
    const said = {
      plan: { steps: [], warning },
      chain: { height: 7, standing: 'following', phase: 'Inference' },
    };
    const port = await serve((_, reply) => reply.end(JSON.stringify(said)));
    const io = capturedIo({ env: { INSPECTION_PORT: port } });
    expect(await dispatch(['status'], io)).toBe(0);
    expect(io.out()).toMatch(/^warning +the chain expects 4 .* earns nothing$/m);
  });

  it('warns of nothing where the policy fits', async () => {
    const port = await serve((_, reply) => reply.end(JSON.stringify({ plan: { steps: [], warning: null } })));
    const io = capturedIo({ env: { INSPECTION_PORT: port } });
    expect(await dispatch(['status'], io)).toBe(0);
    expect(io.out()).not.toContain('warning');
  });
});

describe('the outline of an answer', () => {
  const paint = createPaint({ write: () => true }, {});
  it('leaves nothing out, however deep', () => {
    const value = { a: [{ b: 1, c: { d: null } }, 'e'], f: {}, g: [], h: true };
    expect(outline(value, paint)).toBe(
      'a:\n  - b: 1\n    c:\n      d: null\n  - e\nf: none\ng: none\nh: true\n',
    );
  });
});
