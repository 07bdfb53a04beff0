import { describe, expect, test } from 'vitest';
import { callbackHash } from '../../../src/world/callback-hash.ts';
import { h100, initBody, MlnodeCase } from './mlnode-case.ts';

const minute = 60_000;

describe('generation', () => {
  test('posts one batch of valid nonces a tick, at the rate of the GPU', async () => {
    const node = new MlnodeCase();
    await node.pow('init/generate', initBody);
    await node.clock.run(minute);
    expect(node.calls).toEqual([]);
    await node.clock.run(10 * minute);
    const count = node.nonces().length;
    expect(count).toBeGreaterThan(10 * 29 * 0.8);
    expect(count).toBeLessThan(10 * 29 * 1.2);
    expect(
      node
        .batches('generated')
        .flatMap(({ dist }) => dist)
        .every((dist) => dist < initBody.r_target),
    ).toBe(true);
    expect(new Set(node.nonces()).size).toBe(count);
    expect(node.calls[0]).toMatchObject({
      url: 'http://127.0.0.1:9100/v1/poc-batches/generated',
      headers: { 'content-type': 'application/json' },
    });
    expect(node.calls[0]).not.toHaveProperty('timeoutMs');
  });

  test('keeps to its own residue class, and groups do not overlap', async () => {
    const node = new MlnodeCase({ gpus: [h100, h100, { name: 'RTX 4090', ramMb: 24_564 }] });
    await node.pow('init/generate', initBody);
    await node.clock.run(6 * minute);
    expect(node.nonces().every((nonce) => nonce % 2 === 1)).toBe(true);
    expect(new Set(node.nonces().map((nonce) => nonce % 4))).toEqual(new Set([1, 3]));
    expect(new Set(node.nonces()).size).toBe(node.nonces().length);
  });

  test('makes the same nonces for the same block and key, whatever the machine draws', async () => {
    const [one, two] = [new MlnodeCase(), new MlnodeCase()];
    await one.pow('init/generate', initBody);
    await two.pow('init/generate', { ...initBody, block_hash: 'C3D4' });
    await Promise.all([one.clock.run(4 * minute), two.clock.run(4 * minute)]);
    const again = new MlnodeCase();
    await again.pow('init/generate', initBody);
    await again.clock.run(4 * minute);
    expect(again.nonces()).toEqual(one.nonces());
    expect(two.nonces()).not.toEqual(one.nonces());
  });
});

describe('the sender', () => {
  test('sends a refused batch again on the next tick, unchanged', async () => {
    const node = new MlnodeCase();
    let refusals = 2;
    node.answer = async () => {
      refusals -= 1;
      if (refusals === 0) throw new Error('reset');
      return { status: refusals > 0 ? 500 : 200, body: '' };
    };
    await node.pow('init/generate', initBody);
    await node.clock.run(4 * minute);
    expect(node.calls[1]?.body).toBe(node.calls[0]?.body);
    const [first] = node.poc()['callbacks'] as Record<string, unknown>[];
    expect(first).toMatchObject({ kind: 'generated', posts: 3, answered: 200 });
    expect(first?.['ackedAt']).toBeGreaterThan(first?.['postedAt'] as number);
    expect(node.poc()['noncesPosted']).toBe(new Set(node.nonces()).size);
  });

  test('freezes what is unsent when the phase changes', async () => {
    const node = new MlnodeCase();
    node.answer = async () => ({ status: 500, body: '' });
    await node.pow('init/generate', initBody);
    await node.clock.run(3 * minute);
    await node.pow('init/validate', initBody);
    const posted = node.calls.length;
    await node.clock.run(2 * minute);
    expect(node.calls.length).toBe(posted);
    await node.pow('init/generate', initBody);
    await node.clock.run(6000);
    expect(node.calls.length).toBeGreaterThan(posted);
  });

  test('loses what is unsent when PoC stops', async () => {
    const node = new MlnodeCase();
    node.answer = async () => ({ status: 500, body: '' });
    await node.pow('init/generate', initBody);
    await node.clock.run(3 * minute);
    await node.pow('stop', undefined, minute);
    const posted = node.calls.length;
    node.answer = async () => ({ status: 200, body: '' });
    await node.pow('init/generate', initBody);
    await node.clock.run(minute);
    expect(node.calls.length).toBe(posted);
  });

  test('waits for ever behind a callback that hangs, until a stop cuts it', async () => {
    const node = new MlnodeCase();
    let cut = false;
    node.answer = ({ signal }) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          cut = true;
          reject(new Error('cut'));
        });
      });
    await node.pow('init/generate', initBody);
    await node.clock.run(10 * minute);
    expect(node.calls).toHaveLength(1);
    await node.pow('stop', undefined, minute);
    expect(cut).toBe(true);
  });

  test('writes bodies as Python does, and hashes them alike whatever node_id the relay restored', async () => {
    const node = new MlnodeCase();
    await node.pow('init/generate', initBody);
    await node.clock.run(3 * minute);
    const body = node.calls[0]?.body ?? '';
    expect(body).toMatch(
      /^\{"public_key": "02ab", "block_hash": "A1B2", "block_height": 2089140, "nonces": \[\d+/,
    );
    const [first] = node.poc()['callbacks'] as Record<string, unknown>[];
    expect(first?.['looseHash']).toBe(callbackHash(body.replace('"node_id": 1', '"node_id": 77')));
  });
});
