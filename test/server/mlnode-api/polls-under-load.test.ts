import { Agent, request as httpRequest } from 'node:http';
import { performance } from 'node:perf_hooks';
import { afterEach, expect, test, vi } from 'vitest';
import { gatewayCase, type GatewayCase, initBody, model } from '../gateway-case.ts';
import { aborted } from '../scripted-upstream.ts';

const streams = 500;
const polls = ['/api/v1/state', '/health', '/v1/models', '/api/v1/pow/status', '/livez'];
const chat = JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'x' }] });

let gateway: GatewayCase | undefined;
afterEach(() => gateway?.app.close());

/** Opens a request and leaves it open. */
function holdOpen(path: string, body: string, agent: Agent): void {
  httpRequest(`${gateway?.origin}${path}`, { method: 'POST', agent }, (answer) => answer.resume())
    .on('error', () => undefined)
    .end(body);
}

async function pollMs(path: string, agent: Agent): Promise<number> {
  const begun = performance.now();
  await new Promise((resolve, reject) => {
    httpRequest(`${gateway?.origin}${path}`, { agent }, (answer) => answer.resume().on('end', resolve))
      .on('error', reject)
      .end();
  });
  return performance.now() - begun;
}

test('polls answer within 50 ms at p99 while 500 streams are open and desk and back ends hang', async () => {
  gateway = await gatewayCase();
  const { desk, upstream } = gateway;
  desk.now = { ...desk.now, state: 'STOPPED' };
  desk.powReply = () => new Promise(() => undefined);
  desk.act = () => new Promise(() => undefined);
  upstream.scripts = [({ signal }) => aborted(signal)];
  const held = new Agent({ keepAlive: true, maxSockets: Infinity });
  for (let stream = 0; stream < streams; stream += 1) holdOpen('/v1/chat/completions', chat, held);
  holdOpen('/api/v1/pow/init/generate', JSON.stringify(initBody), held);
  holdOpen('/api/v1/stop', '', held);
  await vi.waitFor(() => expect([upstream.requests.length, desk.calls.length]).toEqual([streams, 2]), 15_000);

  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const times: number[] = [];
  for (let round = 0; round < 100; round += 1)
    times.push(...(await Promise.all(polls.map((path) => pollMs(path, agent)))));
  const p99 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)];
  held.destroy();
  agent.destroy();
  expect(p99).toBeLessThan(50);
});
