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

test('state tells the service alone', async () => {
  for (const state of ['INFERENCE', 'POW', 'STOPPED'] as const) {
    present(state);
    expect(await (await gateway.get('/v3.0.8/api/v1/state')).json()).toEqual({ state });
  }
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

describe('inference control', () => {
  const up = { model, dtype: 'auto', additional_args: ['--tensor-parallel-size', '4'] };
  test('passes the body of up on and answers at once', async () => {
    const response = await gateway.post('/api/v1/inference/up', up);
    expect(await response.json()).toEqual({ status: 'OK' });
    await gateway.post('/api/v1/inference/down');
    expect(gateway.desk.calls).toEqual([`up ${JSON.stringify(up)}`, 'down']);
  });
  test('is a conflict while PoC runs', async () => {
    present('POW');
    for (const call of ['up', 'down']) {
      const response = await gateway.post(`/api/v1/inference/${call}`, up);
      expect([response.status, await response.json()]).toEqual([
        409,
        {
          detail:
            'Cannot run INFERENCE because MLNode is currently in ServiceState.POW mode. Please stop ServiceState.POW first.',
        },
      ]);
    }
    expect(gateway.desk.calls).toEqual([]);
  });
  test('refuses a body without a model', async () => {
    for (const body of [undefined, '{', '[]', '{"dtype":"auto"}']) {
      expect((await gateway.post('/api/v1/inference/up', body)).status).toBe(422);
    }
    expect(gateway.desk.calls).toEqual([]);
  });
});

describe('health', () => {
  const statusOf = async (path: string): Promise<number> => (await gateway.get(path)).status;
  test('of the inference port is an empty 200 only while inference is served', async () => {
    const response = await gateway.get('/v3.0.8/health');
    expect([response.status, await response.text()]).toEqual([200, '']);
    present('INFERENCE', false);
    expect(await statusOf('/health')).toBe(503);
    present('POW');
    expect(await statusOf('/health')).toBe(503);
  });
  test('has its JSON forms, without a GPU that is not there', async () => {
    present('POW');
    for (const path of ['/livez', '/api/v1/health']) {
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
