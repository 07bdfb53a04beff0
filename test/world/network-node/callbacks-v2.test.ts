import { afterEach, describe, expect, it } from 'vitest';
import { answered, NetworkNodeBench, nodeBody, pocStart, request } from './network-node-bench.ts';

let bench: NetworkNodeBench;
afterEach(() => bench.close());

const artifacts = [{ nonce: 1, vector_b64: 'A'.repeat(32) }];
const generated = (given: object = {}): object => ({
  public_key: '02ab',
  block_hash: 'AB',
  block_height: pocStart,
  node_id: 1,
  artifacts,
  encoding: { dtype: 'f16', k_dim: 12, endian: 'le' },
  ...given,
});

async function post(path: string, body: unknown, type = 'application/json'): Promise<[number, string]> {
  const answer = answered(await bench.node.callbacks.handle(request('POST', path, body, type)));
  return [answer.status, answer.body];
}

async function generating(): Promise<void> {
  bench = new NetworkNodeBench({ pocVersion: 2 });
  expect((await bench.admin('POST', '/nodes', nodeBody)).status).toBe(200);
  await bench.toHeight(pocStart + 2);
}

describe('callbacks of PoC v2', () => {
  it.each([
    ['/v2/poc-batches/Qwen%252FQwQ-32B/generated', 200],
    ['/v2/poc-batches/Qwen%2FQwQ-32B/generated', 200],
    ['/v2/poc-batches/Qwen/QwQ-32B/generated', 404],
    ['/v2/poc-batches/generated', 404],
    ['/v2/poc-batches//generated', 400],
    ['/v2/poc-batches/%25E0/generated', 400],
    ['/v1/poc-batches/generated', 404],
  ])('at %s are answered %i', async (path, status) => {
    await generating();
    expect((await post(path, generated()))[0]).toBe(status);
  });

  it.each([
    ['another stage', { block_height: pocStart - 1 }, 'block_height is not the active PoC stage'],
    ['an unknown node', { node_id: 7 }, 'unknown node_num'],
    ['a broken vector', { artifacts: [{ nonce: 1, vector_b64: '%' }] }, 'invalid base64 in artifact vector'],
    ['an empty vector', { artifacts: [{ nonce: 1, vector_b64: '' }] }, 'empty artifact vector'],
  ])('about %s are refused with 400', async (_case, given, error) => {
    await generating();
    const answer = await post('/v2/poc-batches/Qwen%252FQwQ-32B/generated', generated(given));
    expect(answer).toEqual([400, JSON.stringify({ error })]);
  });

  it('are refused with 503 outside of generation, and skip duplicates silently inside', async () => {
    bench = new NetworkNodeBench({ pocVersion: 2 });
    const path = '/v2/poc-batches/Qwen%252FQwQ-32B/generated';
    expect(await post(path, generated())).toEqual([
      503,
      JSON.stringify({ error: 'not in PoC generate phase' }),
    ]);
    bench.close();
    await generating();
    expect(await post(path, generated())).toEqual([200, '']);
    expect(await post(path, generated())).toEqual([200, '']);
    expect(bench.node.books()).toMatchObject({ artifactsAccepted: 1, noncesDuplicate: 1 });
  });
});
