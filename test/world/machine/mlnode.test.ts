import { describe, expect, test } from 'vitest';
import { h100, initBody, MlnodeCase } from './mlnode-case.ts';

const minute = 60_000;

describe('the service of an ML node', () => {
  test('starts STOPPED, and its state has one field', async () => {
    const node = new MlnodeCase();
    expect(await node.call('GET', '/api/v1/state')).toEqual({ status: 200, body: { state: 'STOPPED' } });
    expect(await node.pow('status')).toEqual({ status: 200, body: { status: 'NOT_LOADED' } });
  });

  test('answers unknown paths, wrong methods and the versions of later builds as FastAPI does', async () => {
    const node = new MlnodeCase();
    expect(await node.call('GET', '/api/v1/versions')).toEqual({
      status: 404,
      body: { detail: 'Not Found' },
    });
    expect(await node.call('POST', '/api/v1/state')).toEqual({
      status: 405,
      body: { detail: 'Method Not Allowed' },
    });
    expect(await node.call('GET', '/v1/models')).toEqual({ status: 503, body: 'No vLLM backend available' });
  });

  test('refuses PoC calls, reads too, while inference runs', async () => {
    const node = new MlnodeCase({ inferenceStartMs: minute });
    const up = { model: 'Qwen/Qwen3-32B-FP8', dtype: 'auto', additional_args: [] };
    expect(await node.call('POST', '/api/v1/inference/up', up, 2 * minute)).toEqual({
      status: 200,
      body: { status: 'OK' },
    });
    expect((await node.pow('status')).status).toBe(409);
    expect((await node.pow('init/generate', initBody)).status).toBe(409);
    expect((await node.call('POST', '/api/v1/inference/up', up)).status).toBe(409);
    expect(await node.call('GET', '/v1/models')).toMatchObject({ body: { data: [{ id: up.model }] } });
    expect(await node.call('POST', '/api/v1/stop', undefined, minute)).toEqual({
      status: 200,
      body: { status: 'OK' },
    });
    expect((await node.pow('status')).status).toBe(200);
  });

  test('refuses inference calls while PoC runs, and stop ends it', async () => {
    const node = new MlnodeCase();
    await node.pow('init/generate', initBody);
    expect(await node.call('GET', '/api/v1/state')).toEqual({ status: 200, body: { state: 'POW' } });
    expect((await node.call('GET', '/api/v1/inference/up/status')).status).toBe(409);
    await node.call('POST', '/api/v1/stop', undefined, minute);
    expect(await node.call('GET', '/api/v1/state')).toEqual({ status: 200, body: { state: 'STOPPED' } });
    expect(node.clock.pending).toBe(0);
  });

  test('names every missing or wrong field of an init body', async () => {
    const node = new MlnodeCase();
    const answer = await node.pow('init/generate', { ...initBody, url: undefined, r_target: 'near' });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({
      detail: [{ loc: ['body', 'r_target'] }, { type: 'missing', loc: ['body', 'url'] }],
    });
    expect((await node.pow('init', '{')).status).toBe(422);
    expect((await node.pow('init')).status).toBe(422);
  });

  test('reports its GPUs and its health', async () => {
    const node = new MlnodeCase({ gpus: [h100, h100] });
    expect(await node.call('GET', '/api/v1/gpu/devices')).toMatchObject({ body: { count: 2 } });
    expect(await node.call('GET', '/health')).toMatchObject({
      status: 200,
      body: { service_state: 'STOPPED' },
    });
    expect(await node.call('GET', '/readyz')).toEqual({ status: 200, body: { ready: true } });
  });
});

describe('faults of an ML node', () => {
  test('a state call that hangs, an init that fails, a load that is slow', async () => {
    const node = new MlnodeCase();
    node.world.faults.set('stateHangs', 1);
    expect((await node.call('GET', '/api/v1/state')).body).toBe('hang');
    node.world.faults.set('initFails', 1);
    expect(await node.pow('init/generate', initBody)).toEqual({ status: 500, body: 'Internal Server Error' });
    node.world.faults.set('loadSlow', 3);
    await node.pow('init/generate', initBody);
    await node.clock.run(2.9 * minute);
    expect((await node.pow('status')).body).toEqual({ status: 'GENERATING', is_model_initialized: false });
    await node.clock.run(0.2 * minute);
    expect((await node.pow('status')).body).toEqual({ status: 'GENERATING', is_model_initialized: true });
  });

  test('a process that dies in the middle of PoC answers nothing and posts nothing', async () => {
    const node = new MlnodeCase();
    node.world.faults.set('diesMidPoc', 120);
    await node.pow('init/generate', initBody);
    await node.clock.run(3 * minute);
    const posted = node.calls.length;
    expect(posted).toBeGreaterThan(0);
    expect((await node.call('GET', '/api/v1/state')).body).toBe('drop');
    await node.clock.run(3 * minute);
    expect(node.calls.length).toBe(posted);
    expect(node.world.isAlive).toBe(false);
  });

  test('a sender that stalls posts nothing until it goes on, then loses nothing', async () => {
    const node = new MlnodeCase();
    node.world.faults.set('senderStalls', 1);
    await node.pow('init/generate', initBody);
    await node.clock.run(4 * minute);
    expect(node.calls).toEqual([]);
    node.world.faults.set('senderStalls', 0);
    await node.clock.run(6000);
    expect(node.poc()['noncesPosted']).toBe(node.poc()['noncesComputed']);
  });
});
