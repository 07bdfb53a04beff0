import { afterEach, describe, expect, test } from 'vitest';
import { createHttpMlnode, createSimulatedMlnode, type Mlnode } from '../../src/adapters/mlnode/index.ts';
import { createOfetchTransport } from '../../src/adapters/ofetch-transport.ts';
import type { Transport, WireRequest } from '../../src/adapters/transport.ts';
import { serveNeighbour } from '../../src/sandbox/http-neighbour.ts';
import { ScaledClock } from '../../src/sandbox/scaled-clock.ts';
import { MlnodeWorld } from '../../src/world/machine/mlnode.ts';
import { Random } from '../../src/world/random.ts';
import { h100, initBody } from '../world/machine/mlnode-case.ts';

/** A thousand world seconds a second: a model load takes 60 ms, a stop 10 ms. */
function world(posted: string[]): MlnodeWorld {
  return new MlnodeWorld({
    clock: new ScaledClock({ originMs: Date.now(), speed: 1000 }),
    random: new Random(3),
    gpus: [h100],
    modelLoadMs: 60_000,
    post: async ({ url, body }) => {
      posted.push(`${url} ${body}`);
      return { status: 200, body: '' };
    },
  });
}

interface Subject {
  readonly mlnode: Mlnode;
  readonly node: MlnodeWorld;
  readonly posted: string[];
  close(): Promise<void>;
}

const subjects: Record<string, () => Promise<Subject>> = {
  'in the world': async () => {
    const posted: string[] = [];
    const node = world(posted);
    return { mlnode: createSimulatedMlnode({ world: node }), node, posted, close: async () => node.close() };
  },
  'over HTTP': async () => {
    const posted: string[] = [];
    const node = world(posted);
    const served = await serveNeighbour(node, { port: 0 });
    const mlnode = createHttpMlnode({
      baseUrl: `http://127.0.0.1:${served.port}/`,
      transport: createOfetchTransport(),
    });
    return { mlnode, node, posted, close: () => served.close() };
  },
};

describe.each(Object.entries(subjects))('the ML node %s', (_, open) => {
  let subject: Subject | undefined;
  const { signal } = new AbortController();
  const body = JSON.stringify(initBody);
  afterEach(async () => {
    await subject?.close();
  });

  test('is stopped at first, and tells its states', async () => {
    const { mlnode } = (subject = await open());
    expect(await mlnode.state(signal)).toBe('STOPPED');
    expect(await mlnode.powStatus(signal)).toEqual({ status: 'NOT_LOADED', isModelInitialized: false });
  });

  test('runs one PoC from init to stop', async () => {
    const { mlnode, posted } = (subject = await open());
    const started = await mlnode.pow('init/generate', body, signal);
    expect(started.status).toBe(200);
    expect(JSON.parse(started.body)).toMatchObject({ status: 'OK', pow_status: { status: 'GENERATING' } });
    await expect.poll(() => posted.length, { timeout: 5000 }).toBeGreaterThan(2);
    expect(await mlnode.state(signal)).toBe('POW');
    expect(await mlnode.powStatus(signal)).toEqual({ status: 'GENERATING', isModelInitialized: true });

    expect((await mlnode.pow('init/validate', body, signal)).status).toBe(200);
    const batch = (posted[0] ?? '').replace(/^\S+ /, '');
    expect(await mlnode.pow('validate', batch, signal)).toEqual({ status: 200, body: 'null' });
    await expect
      .poll(() => posted.some((line) => line.includes('/validated ')), { timeout: 5000 })
      .toBe(true);

    await mlnode.stop(signal);
    expect(await mlnode.state(signal)).toBe('STOPPED');
  });

  test('hands back refusals as answers, not as errors', async () => {
    const { mlnode } = (subject = await open());
    expect((await mlnode.pow('init/generate', '{"node_id": 1}', signal)).status).toBe(422);
    expect((await mlnode.pow('phase/validate', undefined, signal)).status).toBe(400);
  });

  test('shows null instead of a PoC status while inference runs', async () => {
    const { mlnode, node } = (subject = await open());
    const up = JSON.stringify({ model: 'm', dtype: 'auto' });
    await node.handle({ method: 'POST', path: '/api/v1/inference/up/async', headers: {}, body: up });
    expect(await mlnode.powStatus(signal)).toBeNull();
    expect(await mlnode.state(signal)).toBe('INFERENCE');
  });

  test('is unreachable when its process is gone, and a hanging call ends with the caller', async () => {
    const { mlnode, node } = (subject = await open());
    node.faults.set('stateHangs', 1);
    await expect(mlnode.state(AbortSignal.timeout(50))).rejects.toMatchObject({ code: 'ABORTED' });
    node.faults.set('diesMidPoc', 1);
    await mlnode.pow('init/generate', body, signal);
    await expect.poll(() => node.isAlive).toBe(false);
    await expect(mlnode.state(signal)).rejects.toMatchObject({ code: 'MLNODE_UNREACHABLE' });
  });
});

describe('the ML node adapter', () => {
  const { signal } = new AbortController();
  const answering =
    (status: number, body: string, seen: WireRequest[] = []): Transport =>
    async (request) => {
      seen.push(request);
      return { status, headers: {}, body };
    };

  test('passes the bytes of a relayed body untouched, always as JSON', async () => {
    const seen: WireRequest[] = [];
    const mlnode = createHttpMlnode({
      baseUrl: 'http://127.0.0.1:18080',
      transport: answering(200, 'null', seen),
    });
    const body = '{ "seed":9007199254740993 , "dist":[1.0]}\n';
    await mlnode.pow('validate', body, signal);
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: 'http://127.0.0.1:18080/api/v1/pow/validate',
      headers: { 'content-type': 'application/json' },
      body,
      timeoutMs: 60_000,
    });
  });

  test.each([
    ['an HTML page', 200, '<html>'],
    ['another shape', 200, '{"status":"ok"}'],
    ['a server error', 500, 'Internal Server Error'],
  ])('calls %s a bad answer', async (_, status, body) => {
    const mlnode = createHttpMlnode({
      baseUrl: 'http://127.0.0.1:18080',
      transport: answering(status, body),
    });
    await expect(mlnode.state(signal)).rejects.toMatchObject({
      code: 'MLNODE_BAD_ANSWER',
      class: 'retryable',
    });
  });

  test('reads a state that it does not know as UNKNOWN', async () => {
    const transport = answering(200, '{"state":"DREAMING"}');
    const mlnode = createHttpMlnode({ baseUrl: 'http://127.0.0.1:18080', transport });
    expect(await mlnode.state(signal)).toBe('UNKNOWN');
  });
});
