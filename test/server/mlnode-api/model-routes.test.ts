import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gatewayCase, type GatewayCase, model } from '../gateway-case.ts';

let gateway: GatewayCase;
beforeEach(async () => {
  gateway = await gatewayCase();
});
afterEach(() => gateway.app.close());
const outage = (): void => {
  gateway.desk.now = { ...gateway.desk.now, isInferenceHealthy: false };
};
const post = async (path: string, body?: unknown): Promise<[number, unknown]> => {
  const response = await gateway.post(`/api/v1/models/${path}`, body);
  return [response.status, await response.json()];
};

describe('the status of a model, asked as the Network Node does', () => {
  test('is DOWNLOADED while a back end serves it', async () => {
    expect(await post('status', { hf_repo: model, hf_commit: 'abc' })).toEqual([
      200,
      {
        model: { hf_repo: model, hf_commit: 'abc' },
        status: 'DOWNLOADED',
        progress: null,
        error_message: null,
        hf_repo: model,
        hf_commit: 'abc',
        loaded: true,
        backend: 'api',
      },
    ]);
  });
  test('is NOT_FOUND for any other model, and for ours while no back end serves it', async () => {
    const other = await post('status', { hf_repo: 'other/model', hf_commit: null });
    expect(other[1]).toMatchObject({ status: 'NOT_FOUND', loaded: false, backend: null });
    outage();
    expect((await post('status', { hf_repo: model }))[1]).toMatchObject({
      model: { hf_repo: model, hf_commit: null },
      status: 'NOT_FOUND',
    });
  });
  test('needs a name that is one', async () => {
    for (const body of ['{', '[]', '{"hf_repo":7}', '{"hf_repo":"a/b","hf_commit":7}', '{"models":"a/b"}']) {
      expect((await post('status', body))[0]).toBe(422);
    }
  });
});

describe('the status of models, asked by name as the earlier automation did', () => {
  test('is ready or unavailable, for our own model when none is named', async () => {
    const ours = { [model]: { status: 'ready', loaded: true, backend: 'api' } };
    for (const body of [undefined, '{}', { models: [model] }]) {
      expect(await post('status', body)).toEqual([200, { models: ours }]);
    }
    expect(await post('status', { models: [model, 'other/model'] })).toEqual([
      200,
      { models: { ...ours, 'other/model': { status: 'unavailable', loaded: false } } },
    ]);
    outage();
    expect(await post('status')).toEqual([
      200,
      { models: { [model]: { status: 'unavailable', loaded: false } } },
    ]);
  });
});

describe('a download', () => {
  test('is done already when a back end serves the model, and never begins otherwise', async () => {
    expect(await post('download', { hf_repo: model, hf_commit: null })).toEqual([
      202,
      {
        task_id: `${model}:latest:offline`,
        status: 'DOWNLOADED',
        model: { hf_repo: model, hf_commit: null },
      },
    ]);
    expect(await post('download', { hf_repo: 'other/model', hf_commit: 'abc' })).toEqual([
      202,
      {
        task_id: 'other/model:abc:offline',
        status: 'NOT_FOUND',
        model: { hf_repo: 'other/model', hf_commit: 'abc' },
      },
    ]);
    expect((await post('download', {}))[0]).toBe(422);
  });
});

test('nothing can be deleted, because nothing is kept', async () => {
  const remove = (body: string): Promise<Response> =>
    fetch(`${gateway.origin}/api/v1/models`, { method: 'DELETE', body });
  const response = await remove(JSON.stringify({ hf_repo: model }));
  expect([response.status, await response.json()]).toEqual([404, { detail: expect.any(String) as string }]);
  expect((await remove('{}')).status).toBe(422);
});

test('the list holds what is served, the cache nothing', async () => {
  const get = async (path: string): Promise<unknown> => (await gateway.get(`/api/v1/models/${path}`)).json();
  expect(await get('list')).toEqual({
    models: [{ model: { hf_repo: model, hf_commit: null }, status: 'DOWNLOADED' }],
  });
  expect(await get('space')).toEqual({ cache_size_gb: 0, available_gb: 0, cache_path: '' });
  outage();
  expect(await get('list')).toEqual({ models: [] });
});
