import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import {
  createGatewayListeners,
  type GatewayListener,
} from '../../../src/wiring/gateway/gateway-listeners.ts';
import { backEndCase, deskOf, theirModel } from '../../server/back-end-case.ts';
import { model, NotingDesk } from '../../server/gateway-case.ts';
import { aborted, ScriptedUpstream } from '../../server/scripted-upstream.ts';

let listeners: readonly GatewayListener[] = [];
afterEach(() => Promise.all(listeners.map(({ app }) => app.close())));

/** The listeners of a daemon with these settings, on free ports; URLs by surface. */
async function listen(env: Record<string, string>) {
  const required = { HYPERBOLIC_API_KEY: 'k', RENTAL_POLICY: 'off', REGISTRATION: 'off' };
  const { config } = loadConfig({ env: { ...required, ...env }, cwd: '/nowhere' });
  const upstream = new ScriptedUpstream();
  upstream.scripts = [({ signal }) => aborted(signal)];
  const desk = deskOf(model, [{ backEnd: backEndCase(upstream), model: theirModel }], {});
  listeners = await createGatewayListeners(config, {
    desk: new NotingDesk(),
    inference: desk,
    nodeId: 'hybrid-1',
    log: pino({ level: 'silent' }),
    drainTimeoutMs: 100,
  });
  const urls: Partial<Record<GatewayListener['surface'], string>> = {};
  for (const { app, surface } of listeners) {
    await app.listen({ host: '127.0.0.1', port: 0 });
    urls[surface] = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  }
  return { urls, upstream };
}
const statusOf = async (url: string): Promise<number> => (await fetch(url)).status;
const chat = (url: string | undefined): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'x' }] }),
  });

describe('the listeners of the node', () => {
  test('are one without INFERENCE_PORT, and with the same port twice', async () => {
    for (const env of [{}, { INFERENCE_PORT: '8080' }]) {
      const { urls } = await listen(env);
      expect(listeners.map(({ surface, port }) => [surface, port])).toEqual([['shared', 8080]]);
      expect(await statusOf(`${urls.shared}/api/v1/state`)).toBe(200);
      expect(await statusOf(`${urls.shared}/v1/models`)).toBe(200);
      await Promise.all(listeners.map(({ app }) => app.close()));
    }
  });

  test('are two with it, each with its half', async () => {
    const { urls } = await listen({ INFERENCE_PORT: '5050' });
    expect(listeners.map(({ surface, port }) => [surface, port])).toEqual([
      ['management', 8080],
      ['inference', 5050],
    ]);
    expect(await statusOf(`${urls.management}/v3.0.8/api/v1/state`)).toBe(200);
    expect(await statusOf(`${urls.management}/v1/models`)).toBe(404);
    expect(await statusOf(`${urls.inference}/v3.0.8/v1/models`)).toBe(200);
    expect(await statusOf(`${urls.inference}/api/v1/state`)).toBe(404);
  });

  test('serve as many requests at a time as the node is registered for', async () => {
    const { urls, upstream } = await listen({ MLNODE_MAX_CONCURRENT: '1' });
    chat(urls.shared).catch(() => undefined);
    await vi.waitFor(() => expect(upstream.requests.length).toBe(1));
    expect((await chat(urls.shared)).status).toBe(503);
  });

  test('keep strangers out and never the Network Node', async () => {
    const nobody = { ALLOW_FROM: '203.0.113.7' };
    const { urls } = await listen({ ...nobody, GONKA_ADMIN_API_URL: 'http://10.0.0.20:9200' });
    expect(await statusOf(`${urls.shared}/api/v1/state`)).toBe(401);
    await Promise.all(listeners.map(({ app }) => app.close()));
    const own = await listen({ ...nobody, GONKA_ADMIN_API_URL: 'http://127.0.0.1:9200' });
    expect(await statusOf(`${own.urls.shared}/api/v1/state`)).toBe(200);
  });
});
