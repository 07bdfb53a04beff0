import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deskOf } from '../back-end-case.ts';
import { gatewayCase, type GatewayCase, model } from '../gateway-case.ts';

let gateway: GatewayCase;
beforeEach(async () => {
  gateway = await gatewayCase();
});
afterEach(() => gateway.app.close());
const present = (state: 'INFERENCE' | 'POW' | 'STOPPED', isInferenceHealthy = true): void => {
  gateway.desk.now = { ...gateway.desk.now, state, isInferenceHealthy };
};
const answerTo = async (call: Promise<Response>): Promise<[number, unknown]> => {
  const response = await call;
  return [response.status, await response.json()];
};
const up = { model, dtype: 'auto', additional_args: ['--tensor-parallel-size', '4'] };

test('up passes its body on and answers at once, however often it comes', async () => {
  for (const state of ['STOPPED', 'INFERENCE', 'INFERENCE'] as const) {
    present(state);
    expect(await answerTo(gateway.post('/api/v1/inference/up', up))).toEqual([200, { status: 'OK' }]);
  }
  expect(gateway.desk.calls).toEqual(Array(3).fill(`up ${JSON.stringify(up)}`));
});

test('up/async does the same', async () => {
  present('STOPPED');
  expect(await answerTo(gateway.post('/api/v1/inference/up/async', up))).toEqual([
    200,
    { status: 'starting', message: expect.any(String) as string },
  ]);
  expect(gateway.desk.calls).toEqual([`up ${JSON.stringify(up)}`]);
});

test('down passes on', async () => {
  expect(await answerTo(gateway.post('/api/v1/inference/down'))).toEqual([200, { status: 'OK' }]);
  expect(gateway.desk.calls).toEqual(['down']);
});

test('up takes another spelling of the same weights', async () => {
  const other = await gatewayCase({ inference: deskOf('other/spelling', []) });
  expect((await other.post('/api/v1/inference/up', { ...up, model: 'other/spelling' })).status).toBe(200);
  await other.app.close();
});

test('up for a model that no back end serves fails as on a real node, and changes nothing', async () => {
  present('STOPPED');
  for (const call of ['up', 'up/async']) {
    const answer = await answerTo(gateway.post(`/api/v1/inference/${call}`, { ...up, model: 'other/model' }));
    expect(answer).toEqual([500, { detail: expect.stringContaining('no back end') as string }]);
  }
  expect(gateway.desk.calls).toEqual([]);
  expect(gateway.log.join('')).toContain('UPSTREAM_MODEL_MISSING');
});

test.each(['/api/v1/inference/up', '/api/v1/inference/up/async'])('%s needs a model', async (path) => {
  for (const body of [undefined, '{', '[]', '{"dtype":"auto"}', '{"model":7}']) {
    expect((await gateway.post(path, body)).status).toBe(422);
  }
  expect(gateway.desk.calls).toEqual([]);
});

test('an up that could not be made durable is left unanswered', async () => {
  gateway.desk.act = () => Promise.reject(new Error('disk full'));
  await expect(gateway.post('/api/v1/inference/up', up)).rejects.toThrow('fetch failed');
});

describe('up/status', () => {
  test.each([
    ['STOPPED', true, { status: 'not_started', is_running: false, error: null }],
    ['INFERENCE', true, { status: 'completed', is_running: true, error: null }],
    ['INFERENCE', false, { status: 'failed', is_running: false, error: expect.any(String) as string }],
  ] as const)('in %s with a healthy back end: %j', async (state, isHealthy, answer) => {
    present(state, isHealthy);
    expect(await answerTo(gateway.get('/api/v1/inference/up/status'))).toEqual([
      200,
      { is_starting: false, elapsed_seconds: 0, ...answer },
    ]);
  });
});

test('while PoC runs every one of them is a conflict', async () => {
  present('POW');
  const conflict =
    'Cannot run INFERENCE because MLNode is currently in ServiceState.POW mode. Please stop ServiceState.POW first.';
  const answers = await Promise.all([
    answerTo(gateway.post('/api/v1/inference/up', up)),
    answerTo(gateway.post('/api/v1/inference/up/async', up)),
    answerTo(gateway.post('/api/v1/inference/down')),
    answerTo(gateway.get('/api/v1/inference/up/status')),
  ]);
  expect(answers).toEqual(Array.from({ length: 4 }, () => [409, { detail: conflict }]));
  expect(gateway.desk.calls).toEqual([]);
});
