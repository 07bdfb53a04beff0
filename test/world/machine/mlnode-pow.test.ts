import { describe, expect, test } from 'vitest';
import { initBody, MlnodeCase } from './mlnode-case.ts';

const minute = 60_000;
const generating = (isReady: boolean): object => ({
  status: 200,
  body: { status: 'OK', pow_status: { status: 'GENERATING', is_model_initialized: isReady } },
});

describe('the eight PoC calls', () => {
  test('init/generate says GENERATING at once, long before the model is ready', async () => {
    const node = new MlnodeCase();
    expect(await node.pow('init/generate', initBody)).toEqual(generating(false));
    await node.clock.run(minute + 1000);
    expect((await node.pow('status')).body).toEqual({ status: 'GENERATING', is_model_initialized: true });
  });

  test('the same body again is no-op, init/validate with it only switches the phase', async () => {
    const node = new MlnodeCase();
    await node.pow('init/generate', initBody);
    await node.clock.run(2 * minute);
    expect(await node.pow('init/generate', initBody)).toEqual(generating(true));
    expect((await node.pow('init/validate', initBody)).body).toEqual({
      status: 'OK',
      pow_status: { status: 'VALIDATING', is_model_initialized: true },
    });
    expect(node.poc()).toMatchObject({ modelLoads: 1, initBodies: 1 });
  });

  test.each(Object.entries({ node_count: 3, url: 'http://127.0.0.1:9101/v1/poc-batches', batch_size: 99 }))(
    'a changed %s loads the model anew',
    async (field, value) => {
      const node = new MlnodeCase();
      await node.pow('init/generate', initBody);
      await node.clock.run(2 * minute);
      expect(await node.pow('init/generate', { ...initBody, [field]: value }, 20_000)).toEqual(
        generating(false),
      );
      expect(node.poc()).toMatchObject({ modelLoads: 2, initBodies: 2 });
    },
  );

  test('plain init always restarts and waits in LOADING, then IDLE, for a phase', async () => {
    const node = new MlnodeCase();
    await node.pow('init', initBody);
    expect((await node.pow('status')).body).toEqual({ status: 'LOADING', is_model_initialized: false });
    await node.clock.run(2 * minute);
    expect((await node.pow('status')).body).toEqual({ status: 'IDLE', is_model_initialized: true });
    await node.pow('init', initBody, 20_000);
    expect(node.poc()['modelLoads']).toBe(2);
    expect((await node.pow('phase/generate')).status).toBe(200);
    expect(await node.pow('phase/validate')).toMatchObject({
      body: { pow_status: { status: 'VALIDATING' } },
    });
  });

  test('node id and count are asked for where nonces are made', async () => {
    const node = new MlnodeCase();
    const { node_id: _, ...body } = initBody;
    const refused = { status: 400, body: { detail: 'Node ID and node count must be set' } };
    expect(await node.pow('init/generate', body)).toEqual(refused);
    expect((await node.pow('init/validate', body)).status).toBe(200);
    expect(await node.pow('phase/generate')).toEqual(refused);
  });

  test('calls before any init and after a stop', async () => {
    const node = new MlnodeCase();
    const notRunning = { status: 400, body: { detail: 'PoW is not running' } };
    expect(await node.pow('phase/generate')).toEqual({ status: 500, body: 'Internal Server Error' });
    expect(await node.pow('phase/validate')).toEqual(notRunning);
    expect(await node.pow('stop')).toEqual({
      status: 200,
      body: { status: 'OK', pow_status: 'PoW is not running' },
    });
    await node.pow('init/generate', initBody);
    expect(await node.pow('stop', undefined, minute)).toEqual({
      status: 200,
      body: { status: 'OK', pow_status: { status: 'NOT_LOADED' } },
    });
    expect(await node.pow('phase/generate')).toEqual(notRunning);
  });

  test('without a GPU group of 38 GB every init is a 500', async () => {
    const node = new MlnodeCase({ gpus: [{ name: 'RTX 4090', ramMb: 24_564 }] });
    expect((await node.pow('init/generate', initBody)).status).toBe(500);
    expect(await node.call('GET', '/api/v1/state')).toEqual({ status: 200, body: { state: 'STOPPED' } });
  });
});

describe('validation', () => {
  async function validating(node: MlnodeCase): Promise<void> {
    await node.pow('init/generate', initBody);
    await node.clock.run(4 * minute);
    const [batch] = node.batches('generated');
    const forged = { ...batch, dist: batch?.dist.map(() => 1.39), nonces: [101, 103, 105, 107, 109, 111] };
    expect(await node.pow('validate', { ...batch, node_id: 0 })).toEqual({ status: 200, body: null });
    await node.pow('validate', forged);
    await node.pow('validate', { ...batch, block_hash: 'FFFF' });
    await node.clock.run(minute);
    expect(node.batches('validated')).toEqual([]);
    await node.pow('init/validate', initBody);
    await node.clock.run(2 * minute);
  }

  test('happens in its phase only; honest batches pass, forged ones are fraud, a foreign block never answers', async () => {
    const node = new MlnodeCase();
    await validating(node);
    const verdicts = node.batches('validated');
    expect(verdicts).toHaveLength(2);
    expect(verdicts[0]).toMatchObject({
      n_invalid: 0,
      probability_honest: 1,
      fraud_detected: false,
      node_id: 0,
    });
    expect(verdicts[0]?.['dist']).toEqual(verdicts[0]?.['received_dist']);
    expect(verdicts[1]).toMatchObject({ fraud_detected: true });
    expect(node.poc()).toMatchObject({ validationsQueued: 3, validationsDone: 2 });
  });

  test('needs a running PoC and a whole batch', async () => {
    const node = new MlnodeCase();
    expect((await node.pow('validate', { nonces: [] })).status).toBe(422);
    const batch = { public_key: 'a', block_hash: 'b', block_height: 1, nonces: [], dist: [], node_id: 0 };
    expect(await node.pow('validate', batch)).toEqual({
      status: 400,
      body: { detail: 'PoW is not running' },
    });
  });
});
