import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gatewayCase, type GatewayCase, model } from '../gateway-case.ts';

let gateway: GatewayCase;
beforeEach(async () => {
  gateway = await gatewayCase();
});
afterEach(() => gateway.app.close());

const root = '/api/v1/inference/pow';
const init = {
  block_hash: 'AB',
  block_height: 5_552_115,
  public_key: '02ff',
  node_id: 1,
  node_count: 2,
  params: { model, seq_len: 1024 },
  url: 'http://api:9100/v2/poc-batches/MiniMaxAI%252FMiniMax-M2.7',
};
const generate = {
  ...init,
  nonces: [3, 17],
  validation: { artifacts: [{ nonce: 3, vector_b64: 'AA==' }] },
  stat_test: { dist_threshold: 0.75, p_mismatch: 0.1, p_value_threshold: 0.05 },
};
const answerTo = async (call: Promise<Response>): Promise<[number, unknown]> => {
  const response = await call;
  return [response.status, await response.json()];
};

describe('as long as no machine serves PoC v2', () => {
  test.each(['INFERENCE', 'POW', 'STOPPED'] as const)(
    'work is refused in %s, however often',
    async (state) => {
      gateway.desk.now = { ...gateway.desk.now, state };
      for (const [call, body] of [
        ['init/generate', init],
        ['init/generate', init],
        ['generate', generate],
      ] as const) {
        expect(await answerTo(gateway.post(`${root}/${call}`, body))).toEqual([
          503,
          { detail: 'No vLLM backends available' },
        ]);
      }
      expect(gateway.desk.calls).toEqual([]);
    },
  );

  test('stop has nothing to stop, with a body and without', async () => {
    for (const body of [undefined, '{}']) {
      expect(await answerTo(gateway.post(`${root}/stop`, body))).toEqual([
        200,
        { status: 'OK', message: 'No backends to stop' },
      ]);
    }
  });

  test('status is idle while inference is served and never anything that works', async () => {
    const status = (): Promise<[number, unknown]> => answerTo(gateway.get(`/v3.0.8${root}/status`));
    expect(await status()).toEqual([200, { status: 'IDLE', backends: [] }]);
    gateway.desk.now = { ...gateway.desk.now, isInferenceHealthy: false };
    expect(await status()).toEqual([200, { status: 'NO_BACKENDS', backends: [] }]);
    gateway.desk.now = { ...gateway.desk.now, state: 'STOPPED', isInferenceHealthy: true };
    expect(await status()).toEqual([200, { status: 'NO_BACKENDS', backends: [] }]);
  });

  test('no queued result is known', async () => {
    const result = (id: string): Promise<[number, unknown]> =>
      answerTo(gateway.get(`${root}/generate/${id}`));
    expect(await result('5001:abc')).toEqual([404, { detail: 'Request not found' }]);
    expect((await result('abc'))[0]).toBe(400);
    expect((await result('x:abc'))[0]).toBe(400);
  });
});

describe('a body that the real node would refuse', () => {
  test.each([
    [
      'init/generate',
      { ...init, params: { ...init.params, tomorrow: 1 } },
      'extra_forbidden',
      ['params', 'tomorrow'],
    ],
    ['init/generate', { ...init, node_id: undefined }, 'missing', ['node_id']],
    ['init/generate', { ...init, block_height: 'x' }, 'int_parsing', ['block_height']],
    ['generate', { ...generate, nonces: 'x' }, 'list_type', ['nonces']],
    ['generate', { ...generate, wait: 'perhaps' }, 'bool_parsing', ['wait']],
    [
      'generate',
      { ...generate, stat_test: { p_mismatch: 'x' } },
      'float_parsing',
      ['stat_test', 'p_mismatch'],
    ],
  ] as const)('%s: %j is 422', async (call, body, type, loc) => {
    const [status, answer] = await answerTo(gateway.post(`${root}/${call}`, body));
    expect(status).toBe(422);
    expect(answer).toMatchObject({ detail: [{ type, loc: ['body', ...loc] }] });
  });

  test('numbers as strings and fields of tomorrow beside params are none', async () => {
    const lax = { ...generate, node_id: '1', nonces: ['3'], wait: 'no', poc_stronger_rng: true, url: null };
    expect((await gateway.post(`${root}/generate`, lax)).status).toBe(503);
  });
});
