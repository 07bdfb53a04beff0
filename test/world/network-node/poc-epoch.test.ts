import { afterEach, describe, expect, it } from 'vitest';
import type { ProofBatch } from '../../../src/world/network-node/proof-batch.ts';
import { NetworkNodeBench, blockTimeMs, nodeBody, pocStart } from './network-node-bench.ts';

let bench: NetworkNodeBench;
afterEach(() => bench.close());

/** Calls from now on, each with its height relative to `poc_start`; status polls are `GET state` alone or with health. */
function trace(): { calls: string[] } {
  const calls: string[] = [];
  bench.mlNode.onCall = (name) => calls.push(`S+${bench.chain.height - pocStart} ${name}`);
  return { calls };
}

/** The `/validated` callback for a batch that was posted to `pow/validate`. */
const verdict = (batch: ProofBatch): Record<string, unknown> => ({
  ...batch,
  received_dist: batch.dist,
  r_target: 1.398077,
  fraud_threshold: 1e-7,
  n_invalid: 0,
  probability_honest: 1,
  fraud_detected: false,
});

async function registered(options = {}): Promise<NetworkNodeBench> {
  bench = new NetworkNodeBench(options);
  expect((await bench.admin('POST', '/nodes', nodeBody)).status).toBe(200);
  return bench;
}

describe('one epoch of PoC v1 as its ML node sees it', () => {
  it('calls what the protocol says, at its heights, beside the status poll', async () => {
    await registered();
    await bench.toHeight(pocStart - 1);
    const { calls } = trace();
    await bench.toHeight(pocStart + 60);
    await bench.callback('generated', bench.batch([1, 3, 5]));
    await bench.toHeight(pocStart + 186);
    const polls = calls.filter(
      (call) => call.endsWith(' GET state') || call.endsWith('GET :inference/health'),
    );
    const others = calls.filter((call) => !polls.includes(call));
    expect(others).toEqual([
      'S+0 POST stop',
      'S+0 POST pow/init/generate',
      'S+60 GET pow/status',
      'S+60 POST pow/init/validate',
      'S+65 POST pow/validate',
      'S+65 POST pow/validate',
      'S+65 POST pow/validate',
      'S+65 POST pow/validate',
      'S+185 POST stop',
      'S+185 POST inference/up',
    ]);
    for (const command of ['S+0 GET state', 'S+60 GET state', 'S+185 GET state'])
      expect(polls).toContain(command);
    const minutes = (186 * blockTimeMs) / 60_000;
    expect(polls.length).toBeGreaterThan(minutes - 3);
    expect(polls.length).toBeLessThan(minutes + 6);
  });

  it('sends the init body of the protocol, the same one for both phases, without a content type', async () => {
    await registered();
    await bench.toHeight(pocStart + 61);
    const inits = bench.mlNode.seen.filter(({ name }) => name.includes('pow/init/'));
    expect(inits).toHaveLength(2);
    expect(inits[0]?.call.body).toBe(inits[1]?.call.body);
    expect(inits[0]?.call.headers).toEqual({ 'user-agent': 'Go-http-client/1.1' });
    expect(JSON.parse(inits[0]?.call.body ?? '')).toEqual({
      node_id: 1,
      node_count: 2,
      block_hash: bench.chain.hashAt(pocStart),
      block_height: pocStart,
      public_key: bench.node.publicKey,
      batch_size: 100,
      r_target: 1.398077,
      fraud_threshold: 1e-7,
      params: {
        dim: 1792,
        n_layers: 64,
        n_heads: 64,
        n_kv_heads: 64,
        vocab_size: 8196,
        ffn_dim_multiplier: 10,
        multiple_of: 8192,
        norm_eps: 1e-5,
        rope_theta: 10_000,
        use_scaled_rope: false,
        seq_len: 256,
      },
      url: 'http://api:9100/v1/poc-batches',
    });
  });

  it('posts at most 200 nonces of each participant, its own included, with node id 0', async () => {
    await registered();
    await bench.toHeight(pocStart + 10);
    const nonces = Array.from({ length: 230 }, (_, position) => 1 + 2 * position);
    await bench.callback('generated', bench.batch(nonces));
    await bench.toHeight(pocStart + 65);
    const [own, ...others] = bench.mlNode.posted;
    expect(own).toMatchObject({ public_key: bench.node.publicKey, node_id: 0, block_height: pocStart });
    expect(own?.nonces).toHaveLength(200);
    expect(others).toHaveLength(3);
    expect(new Set(bench.mlNode.posted.map((batch) => batch.public_key)).size).toBe(4);
    for (const batch of bench.mlNode.posted) expect(batch.nonces.length).toBe(batch.dist.length);
  });

  it('completes the epoch when nonces came and every validation was answered in time', async () => {
    await registered();
    await bench.toHeight(pocStart + 10);
    await bench.callback('generated', bench.batch([1, 3]));
    await bench.toHeight(pocStart + 70);
    for (const batch of bench.mlNode.posted) {
      expect((await bench.callback('validated', verdict(batch))).status).toBe(200);
    }
    await bench.toHeight(pocStart + 190);
    expect(bench.node.books()).toMatchObject({
      completed: 1,
      missed: 0,
      noncesAccepted: 2,
      validationsRequested: 4,
      validationsDelivered: 4,
      epochs: [
        { epochIndex: 135, pocStartHeight: pocStart, verdict: 'completed', nodesDispatched: ['node1'] },
      ],
    });
  });

  it('misses the epoch when one validation is outstanding, or when no nonce came', async () => {
    await registered();
    await bench.toHeight(pocStart + 10);
    await bench.callback('generated', bench.batch([1, 3]));
    await bench.toHeight(pocStart + 70);
    for (const batch of bench.mlNode.posted.slice(1)) await bench.callback('validated', verdict(batch));
    await bench.toHeight(pocStart + 600 + 190);
    expect(bench.node.books()).toMatchObject({
      completed: 0,
      missed: 2,
      epochs: [
        { verdict: 'missed', noncesAccepted: 2, validationsDelivered: 3 },
        { verdict: 'missed', noncesAccepted: 0 },
      ],
    });
  });

  it('does not dispatch a node that was registered during PoC until the next one', async () => {
    bench = new NetworkNodeBench();
    await bench.toHeight(pocStart + 3);
    await bench.admin('POST', '/nodes', nodeBody);
    await bench.toHeight(pocStart + 200);
    expect(bench.mlNode.names()).not.toContain('POST pow/init/generate');
    await bench.toHeight(pocStart + 601);
    expect(bench.mlNode.names()).toContain('POST pow/init/generate');
  });

  it('sends no start any more in the wind-down, but repeats a failed one every block before it', async () => {
    await registered();
    await bench.toHeight(pocStart - 1);
    const { calls } = trace();
    bench.mlNode.intercept = (name) =>
      name === 'POST pow/init/generate' ? Promise.reject(new Error('socket hang up')) : undefined;
    await bench.toHeight(pocStart + 20);
    expect(calls.filter((call) => call.endsWith('POST pow/init/generate')).length).toBeGreaterThanOrEqual(21);
    expect(bench.node.books()).toMatchObject({ nodes: [{ current: { status: 'FAILED' } }] });
  });

  it('takes an HTTP error of init/generate for success', async () => {
    await registered();
    bench.mlNode.intercept = (name) =>
      name === 'POST pow/init/generate' ? Promise.resolve({ status: 503, body: 'no' }) : undefined;
    await bench.toHeight(pocStart + 5);
    const starts = bench.mlNode.names().filter((name) => name === 'POST pow/init/generate');
    expect(starts).toHaveLength(1);
  });

  it('cancels a command in flight when the phase wants something else', async () => {
    await registered();
    let signal: AbortSignal | undefined;
    bench.mlNode.intercept = (name, call) => {
      if (name !== 'POST pow/init/generate') return undefined;
      ({ signal } = call);
      return new Promise((_resolve, reject) => {
        call.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      });
    };
    await bench.toHeight(pocStart + 59);
    expect(signal?.aborted).toBe(false);
    await bench.toHeight(pocStart + 60);
    expect(signal?.aborted).toBe(true);
    expect(bench.mlNode.names()).toContain('POST pow/init/validate');
  });

  it('puts the node version and the segments in front of every path', async () => {
    await registered({ nodeVersion: 'v3.0.8' });
    await bench.admin('POST', '/nodes', { ...nodeBody, poc_segment: '/poc', inference_segment: '/inf' });
    await bench.toHeight(pocStart + 1);
    const urls = bench.mlNode.seen.map(({ call }) => call.url);
    expect(urls).toContain('http://10.0.0.21:8080/v3.0.8/poc/api/v1/pow/init/generate');
    expect(urls).toContain('http://10.0.0.21:5050/v3.0.8/inf/health');
  });
});
