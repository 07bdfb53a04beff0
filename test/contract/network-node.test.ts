import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNetworkNode } from '../../src/adapters/network-node/index.ts';
import type { NodeDefinition } from '../../src/adapters/network-node/interface.ts';
import { nodeBody, pocStart } from '../world/network-node/network-node-bench.ts';
import { type NetworkNodeForm, inSandbox, inWorld } from './network-node-forms.ts';

const signal = AbortSignal.timeout(60_000);

/** On a port where nothing listens, so that the real form learns the same as the world's. */
const local = { ...nodeBody, host: '127.0.0.1', inference_port: 2, poc_port: 3 };

const definition: NodeDefinition = {
  id: 'gateway',
  host: '127.0.0.1',
  inferencePort: 4,
  inferenceSegment: '',
  pocPort: 5,
  pocSegment: '/poc',
  models: { 'Qwen/QwQ-32B': { args: ['--max-model-len', '4096'] } },
  maxConcurrent: 7,
  hardware: [{ type: 'none', count: 0 }],
};

const proof = (nonces: readonly number[], more: object = {}): Record<string, unknown> => ({
  public_key: '02aa',
  block_hash: 'AB',
  block_height: pocStart,
  nonces,
  dist: nonces.map(() => 1.3),
  node_id: 1,
  ...more,
});

describe.each([
  ['world', inWorld],
  ['sandbox', inSandbox],
])('the Network Node in the %s', (_name, create) => {
  let form: NetworkNodeForm;
  beforeEach(async () => {
    form = await create();
  });
  afterEach(() => form.close());

  describe('its admin API', () => {
    it('registers, lists, changes in place and deregisters', async () => {
      expect(JSON.parse((await form.admin('POST', '/nodes', local)).body)).toEqual(local);
      await form.admin('POST', '/nodes', { ...local, max_concurrent: 9 });
      const [row, ...others] = JSON.parse((await form.admin('GET', '/nodes')).body) as object[];
      expect(others).toEqual([]);
      expect(row).toMatchObject({
        node: { ...local, max_concurrent: 9, node_num: 1 },
        state: { intended_status: 'UNKNOWN', lock_count: 0, admin_state: { enabled: true, epoch: 135 } },
      });
      expect(await form.admin('DELETE', '/nodes/node1')).toEqual({ status: 200, body: 'true' });
      expect(await form.admin('DELETE', '/nodes/node1')).toEqual({ status: 200, body: 'false' });
    });

    it('gives every registration a new number', async () => {
      for (const _round of [1, 2, 3]) {
        await form.admin('POST', '/nodes', local);
        await form.admin('DELETE', '/nodes/node1');
      }
      await form.admin('POST', '/nodes', local);
      expect((await form.adapter.nodes(signal))[0]?.nodeNum).toBe(4);
    });

    it('lets the body of a PUT decide which node is meant', async () => {
      await form.admin('POST', '/nodes', local);
      expect((await form.admin('PUT', '/nodes/anything', { ...local, max_concurrent: 3 })).status).toBe(200);
      expect((await form.adapter.nodes(signal)).map((node) => node.definition.maxConcurrent)).toEqual([3]);
    });

    it.each([
      ['GET', '/nodes/node1', 405],
      ['POST', '/nodes/node1', 405],
      ['PATCH', '/nodes', 405],
      ['GET', '/nodes/node1/enable', 405],
      ['GET', '/leases', 404],
      ['POST', '/nodes/nobody/enable', 404],
      ['POST', '/nodes/nobody/disable', 404],
      ['GET', '/nodes/upgrade-status', 200],
      ['GET', '/config', 200],
    ])('answers %s %s with %i', async (method, path, status) => {
      const answer = await form.admin(method, path);
      expect(answer.status).toBe(status);
      if (status >= 400) expect(JSON.parse(answer.body)).toEqual({ error: expect.any(String) });
    });

    it.each([
      ['no host', { host: ' ' }, 'host'],
      ['a port out of range', { poc_port: 0 }, 'poc_port'],
      ['no room', { max_concurrent: 0 }, 'max_concurrent'],
      ['no model', { models: {} }, 'model'],
      ['only foreign models', { models: { 'my/model': { args: [] } } }, 'governance'],
      ['a text where a number is due', { poc_port: '8080' }, 'poc_port'],
    ])('refuses a node with %s and says why', async (_what, change, word) => {
      const answer = await form.admin('POST', '/nodes', { ...local, ...change });
      expect(answer.status).toBe(400);
      expect(answer.body).toContain(word);
      expect(await form.adapter.nodes(signal)).toEqual([]);
    });

    it('drops foreign models when it creates and refuses them when it updates', async () => {
      const models = { ...local.models, 'my/model': { args: [] } };
      const created = await form.admin('POST', '/nodes', { ...local, models });
      expect(JSON.parse(created.body)).toMatchObject({ models: local.models });
      const updated = await form.admin('POST', '/nodes', { ...local, models });
      expect(updated).toMatchObject({ status: 500, body: expect.stringContaining('failed to update node') });
    });

    it('keeps host and port unique among nodes', async () => {
      await form.admin('POST', '/nodes', local);
      const answer = await form.admin('POST', '/nodes', { ...local, id: 'other', inference_port: 9 });
      expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('duplicate') });
    });

    it('reads no body that is not declared as JSON', async () => {
      expect((await form.admin('POST', '/nodes', local, 'text/plain')).status).toBe(400);
      expect((await form.admin('POST', '/nodes', '{"id":', 'application/json')).status).toBe(400);
    });

    it('takes batches whole, in part or not at all', async () => {
      const bad = { ...local, id: 'bad', host: '' };
      expect((await form.admin('POST', '/nodes/batch', [local])).status).toBe(201);
      const partly = await form.admin('POST', '/nodes/batch', [local, bad]);
      expect(partly.status).toBe(206);
      expect(JSON.parse(partly.body)).toMatchObject({
        errors: [expect.stringContaining('node[1] (id: bad)')],
      });
      const none = await form.admin('POST', '/nodes/batch', [bad]);
      expect(none.status).toBe(400);
      expect(JSON.parse(none.body)).toMatchObject({ error: { error: 'all nodes failed validation' } });
    });

    it('enables and disables', async () => {
      await form.admin('POST', '/nodes', local);
      expect((await form.admin('POST', '/nodes/node1/disable')).body).toBe(
        '{"message":"node disabled successfully","node_id":"node1"}',
      );
      expect((await form.adapter.nodes(signal))[0]?.isEnabled).toBe(false);
      expect((await form.admin('POST', '/nodes/node1/enable')).status).toBe(200);
      expect((await form.adapter.nodes(signal))[0]?.isEnabled).toBe(true);
    });

    it('finds a node that does not answer FAILED', async () => {
      await form.admin('POST', '/nodes', local);
      await expect.poll(async () => (await form.adapter.nodes(signal))[0]?.currentStatus).toBe('FAILED');
      const alive = await form.admin('POST', '/nodes/version-status', { version: 'v3.0.8' });
      expect(JSON.parse(alive.body)).toMatchObject({ node1: { is_alive: false } });
    });
  });

  describe('its callback server', () => {
    beforeEach(async () => {
      await form.admin('POST', '/nodes', local);
    });

    it('answers an accepted batch with an empty 200 and counts each nonce once', async () => {
      expect(await form.callback('/v1/poc-batches/generated', proof([1, 3]))).toEqual({
        status: 200,
        body: '',
      });
      await form.callback('/mlnode/v1/poc-batches/generated', proof([3, 5]));
      const books = await form.books();
      expect(books).toMatchObject({
        noncesAccepted: 3,
        noncesDuplicate: 1,
        epochs: [{ epochIndex: 135, pocStartHeight: pocStart, batches: 2, verdict: 'open' }],
        callbacks: { outages: [] },
      });
      expect((books['callbacks'] as { accepted: unknown[] }).accepted[0]).toEqual({
        kind: 'generated',
        pocStartHeight: pocStart,
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        acceptedAtMs: expect.any(Number),
      });
    });

    it('accepts the batch of an unknown node number, which then counts for nobody', async () => {
      const answer = await form.callback('/v1/poc-batches/generated', proof([1, 3], { node_id: 9 }));
      expect(answer.status).toBe(200);
      expect(await form.books()).toMatchObject({ noncesAccepted: 0, epochs: [{ unattributed: 1 }] });
    });

    it.each([
      ['no JSON', 'hello', 'application/json'],
      ['a list', [1], 'application/json'],
      ['a wrong type', { nonces: ['x'] }, 'application/json'],
      ['another content type', proof([1]), 'text/plain'],
    ])('refuses %s with 400', async (_what, body, type) => {
      const answer = await form.callback('/v1/poc-batches/generated', body, type);
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body)).toEqual({ error: expect.any(String) });
      expect(await form.books()).toMatchObject({ callbacksRefused: 1 });
    });

    it('fails with 500 what the chain would not take: another PoC, a closed window, a length mismatch', async () => {
      const another = proof([1], { block_height: pocStart - 600 });
      expect((await form.callback('/v1/poc-batches/generated', another)).status).toBe(500);
      expect((await form.callback('/v1/poc-batches/validated', proof([1]))).status).toBe(500);
      const uneven = proof([1], { dist: [] });
      expect((await form.callback('/v1/poc-batches/generated', uneven)).status).toBe(500);
      expect(await form.books()).toMatchObject({ noncesAccepted: 0, callbacksLate: 1 });
    });

    it('notes when it could take none', async () => {
      await form.fault('callback503', 1);
      expect((await form.callback('/v1/poc-batches/generated', proof([1]))).status).toBe(503);
      await form.fault('callback503', 0);
      expect((await form.callback('/v1/poc-batches/generated', proof([1]))).status).toBe(200);
      const { callbacks } = (await form.books()) as { callbacks: { outages: unknown[] } };
      expect(callbacks.outages).toEqual([{ fromMs: expect.any(Number), toMs: expect.any(Number) }]);
    });
  });

  describe('behind the adapter', () => {
    it('keeps a definition as it was given', async () => {
      await form.adapter.upsert(definition, signal);
      const [listed] = await form.adapter.nodes(signal);
      expect(listed).toMatchObject({ definition, nodeNum: 1, isEnabled: true, pocCurrentStatus: 'IDLE' });
      expect(await form.adapter.remove('gateway', signal)).toBe(true);
      expect(await form.adapter.remove('gateway', signal)).toBe(false);
    });

    it('refuses a definition with the reason that was given', async () => {
      const foreign = { ...definition, models: { 'my/model': { args: [] } } };
      await expect(form.adapter.upsert(foreign, signal)).rejects.toMatchObject({
        code: 'NETWORK_NODE_REFUSED',
        class: 'operator',
        message: expect.stringContaining('no governance-valid models'),
      });
    });

    it.each([
      ['adminOther', 'NETWORK_NODE_BAD_ANSWER', 'operator'],
      ['down', 'NETWORK_NODE_UNREACHABLE', 'retryable'],
    ])('fails as %s with %s', async (fault, code, retryClass) => {
      await form.fault(fault, 1);
      const failure = { code, class: retryClass };
      await expect(form.adapter.nodes(signal)).rejects.toMatchObject(failure);
      await expect(form.adapter.upsert(definition, signal)).rejects.toMatchObject(failure);
      await expect(form.adapter.remove('gateway', signal)).rejects.toMatchObject(failure);
    });

    it('delivers a callback, or says whether it may be sent again', async () => {
      await form.admin('POST', '/nodes', local);
      const url = `${form.callbackOrigin}/v1/poc-batches/generated`;
      const deliver = (body: unknown, to = url): Promise<void> =>
        form.adapter.deliver({ url: to, body: Buffer.from(JSON.stringify(body)) }, signal);
      await deliver(proof([7, 9]));
      expect(await form.books()).toMatchObject({ noncesAccepted: 2 });
      await expect(deliver([])).rejects.toMatchObject({ code: 'CALLBACK_REFUSED', class: 'terminal' });
      const again = { code: 'CALLBACK_NOT_TAKEN', class: 'retryable' };
      await expect(deliver(proof([1], { block_height: 1 }))).rejects.toMatchObject(again);
      await expect(deliver(proof([1]), `${form.callbackOrigin}/elsewhere`)).rejects.toMatchObject(again);
      await form.fault('callback500', 1);
      await expect(deliver(proof([1]))).rejects.toMatchObject(again);
      await form.fault('down', 1);
      await expect(deliver(proof([1]))).rejects.toMatchObject(again);
    });
  });
});

describe('the adapter over HTTP', () => {
  it('posts a callback byte for byte, its doubly encoded path included', async () => {
    const seen: { path: string; body: string; type: string | undefined }[] = [];
    const server = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        seen.push({ path: incoming.url ?? '', body, type: incoming.headers['content-type'] });
        response.end();
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve());
    });
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const path = `/v2/poc-batches/org%252Fna%2Fme/generated?a='b'&c=%20`;
    const body = '{ "node_id" : 1,"x":1e-7 }';
    const adapter = createNetworkNode({ adminUrl: origin });
    await adapter.deliver({ url: `${origin}${path}`, body: Buffer.from(body) }, signal);
    expect(seen).toEqual([{ path, body, type: 'application/json' }]);
    server.closeAllConnections();
    server.close();
  });

  it('says that nothing listens at the address', async () => {
    const adapter = createNetworkNode({ adminUrl: 'http://127.0.0.1:9' });
    await expect(adapter.nodes(signal)).rejects.toMatchObject({ code: 'NETWORK_NODE_UNREACHABLE' });
  });
});
