import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { gatewayCase, type GatewayCase, initBody, model } from '../gateway-case.ts';
import { aborted } from '../scripted-upstream.ts';

let gateway: GatewayCase;
beforeEach(async () => {
  gateway = await gatewayCase();
});
afterEach(() => gateway.app.close());
const present = (state: 'INFERENCE' | 'POW' | 'STOPPED', isInferenceHealthy = true): void => {
  gateway.desk.now = { ...gateway.desk.now, state, isInferenceHealthy };
};

describe('state', () => {
  const state = async (): Promise<unknown> => (await gateway.get('/v3.0.8/api/v1/state')).json();
  const version = expect.stringMatching(/^\d+\.\d+\.\d+/) as string;
  test('has the fields of every version while inference is served', async () => {
    expect(await state()).toEqual({
      version,
      state: 'INFERENCE',
      poc_status: 'IDLE',
      inference_healthy: true,
      loaded_model: model,
      poc_validation_inference: false,
    });
  });
  test('claims no model that no back end serves', async () => {
    present('INFERENCE', false);
    expect(await state()).toMatchObject({
      poc_status: 'NO_BACKENDS',
      inference_healthy: false,
      loaded_model: null,
    });
  });
  test.each(['POW', 'STOPPED'] as const)('says nothing of inference in %s', async (service) => {
    present(service);
    expect(await state()).toEqual({
      version,
      state: service,
      poc_status: null,
      inference_healthy: null,
      loaded_model: null,
      poc_validation_inference: false,
    });
  });
});

test('versions claim no vLLM', async () => {
  expect(await (await gateway.get('/api/v1/versions')).json()).toEqual({
    version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
    vllm_version: 'unknown',
    poc_validation_inference: false,
  });
});

test('stop needs no body, no Content-Type and may come at any time', async () => {
  for (const body of [undefined, '{}', 'whatever']) {
    const response = await gateway.post('/api/v1/stop', body);
    expect([response.status, await response.json()]).toEqual([200, { status: 'OK' }]);
  }
  expect(gateway.desk.calls).toEqual(['stop', 'stop', 'stop']);
});

test('a stop that could not be made durable is left unanswered', async () => {
  gateway.desk.act = () => Promise.reject(new Error('disk full'));
  await expect(gateway.post('/api/v1/stop')).rejects.toThrow('fetch failed');
});

describe('health', () => {
  const statusOf = async (path: string): Promise<number> => (await gateway.get(path)).status;
  test('of the inference port is an empty 200 only while inference is served', async () => {
    for (const path of ['/v3.0.8/health', '/v1/health', '/v3.0.8/v1/health', '/v1/v1/health']) {
      const response = await gateway.get(path);
      expect([path, response.status, await response.text()]).toEqual([path, 200, '']);
    }
    present('INFERENCE', false);
    expect(await statusOf('/health')).toBe(503);
    present('POW');
    expect(await statusOf('/health')).toBe(503);
  });
  test('has its JSON forms, without a GPU that is not there', async () => {
    present('POW');
    for (const path of ['/livez', '/api/v1/health', '/v3.0.8/livez', '/v3.0.8/api/v1/api/v1/health']) {
      expect(await (await gateway.get(path)).json()).toEqual({
        status: 'healthy',
        service_state: 'POW',
        gpu: { available: false, count: 0, devices: [] },
        managers: {
          pow: { running: true, healthy: true },
          inference: { running: false, healthy: false },
          train: { running: false, healthy: false },
        },
      });
    }
    expect(await (await gateway.get('/readyz')).json()).toEqual({ ready: true });
    present('INFERENCE', false);
    expect([await statusOf('/livez'), await statusOf('/readyz')]).toEqual([503, 503]);
  });
});

test('anything else is FastAPI’s 404', async () => {
  for (const path of ['/evil/api/v1/stop', '/api/v1/nothing', '/', '/v1/api/v1/stop']) {
    const response = await gateway.post(path);
    expect(response.status).toBe(404);
  }
  expect(await (await gateway.get('/api/v1/nothing')).json()).toEqual({ detail: 'Not Found' });
  expect(gateway.desk.calls).toEqual([]);
});

test('an oversized body is refused before it is kept', async () => {
  const response = await gateway
    .post('/api/v1/pow/validate', 'x'.repeat(32 * 1024 * 1024 + 1))
    .catch(() => null);
  if (response) expect(response.status).toBe(413);
  expect(gateway.desk.calls).toEqual([]);
});

test('polls are answered while the machine, the store and the back end all hang', async () => {
  present('STOPPED');
  gateway.desk.powReply = () => new Promise(() => undefined);
  gateway.desk.act = () => new Promise(() => undefined);
  gateway.upstream.scripts = [({ signal }) => aborted(signal)];
  const hanging = [
    gateway.post('/api/v1/pow/init/generate', initBody),
    gateway.post('/api/v1/stop'),
    gateway.post('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'x' }] }),
  ];
  for (const call of hanging) call.catch(() => undefined);
  await vi.waitFor(() => {
    expect([gateway.desk.calls.length, gateway.upstream.requests.length]).toEqual([2, 1]);
  });
  const polls = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      gateway.get(['/api/v1/state', '/health', '/v1/models', '/api/v1/pow/status'][index % 4] ?? '/'),
    ),
  );
  expect(polls.map((poll) => poll.status)).toEqual(
    Array.from({ length: 100 }, (_, i) => (i % 4 === 1 ? 503 : 200)),
  );
  await gateway.app.close();
  expect((await Promise.allSettled(hanging)).map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
});

test('the two APIs can be served on listeners of their own', async () => {
  const management = await gatewayCase({ surface: 'management' });
  const inference = await gatewayCase({ surface: 'inference' });
  const statuses = async (at: GatewayCase): Promise<number[]> =>
    Promise.all(['/api/v1/state', '/v1/models', '/health'].map(async (path) => (await at.get(path)).status));
  expect(await statuses(management)).toEqual([200, 404, 200]);
  expect(await statuses(inference)).toEqual([404, 200, 200]);
  expect(await (await management.get('/health')).json()).toMatchObject({ status: 'healthy' });
  await Promise.all([management.app.close(), inference.app.close()]);
});
