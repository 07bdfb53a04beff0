import type { AddressInfo } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import {
  forgiveAnswer,
  hostsAnswer,
  hostsRoute,
  planAnswer,
  type PlanningBooks,
} from '../../../src/server/inspection/hosts-route.ts';
import { rawCall } from '../raw-call.ts';

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

const host = {
  machineId: 48_211,
  trust: 0.25,
  reasons: [{ reason: 'boot', fault: 'MACHINE_NEVER_BOOTED', at: 1_760_000_000_000 }],
  rentals: 2,
  ready: 0,
};

async function served(options: { books?: PlanningBooks | undefined } = {}) {
  const forgiven: (number | 'all')[] = [];
  const books: PlanningBooks = {
    hosts: () => [host],
    forgive: (machineId) => forgiven.push(machineId),
    plan: () => ({ epochIndex: 136 }),
  };
  app = fastify();
  hostsRoute(app, 'books' in options ? options.books : books);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const ask = async (method: string, path: string, body?: string, headers: Record<string, string> = {}) => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const call = { method, path, headers: { ...type, ...headers }, ...(body === undefined ? {} : { body }) };
    const answer = await rawCall(port, call);
    if (answer === 'closed') throw new Error('no answer');
    return { status: answer.status, body: JSON.parse(answer.body) as unknown };
  };
  return { ask, forgiven };
}

describe('the planning routes', () => {
  it('answer with the machines that disappointed and with the plan, as their schemas say', async () => {
    const { ask } = await served();
    const hosts = await ask('GET', '/v1/hosts');
    expect(hosts).toEqual({ status: 200, body: { hosts: [host] } });
    expect(hostsAnswer.safeParse(hosts.body).success).toBe(true);
    const plan = await ask('GET', '/v1/plan');
    expect(plan).toEqual({ status: 200, body: { plan: { epochIndex: 136 } } });
    expect(planAnswer.safeParse(plan.body).success).toBe(true);
  });

  it('know nothing where nobody plans', async () => {
    const { ask } = await served({ books: undefined });
    expect((await ask('GET', '/v1/hosts')).body).toEqual({ hosts: [] });
    expect((await ask('GET', '/v1/plan')).body).toEqual({ plan: null });
    expect((await ask('POST', '/v1/orders/forgive', '{"all":true}')).body).toEqual({ forgiven: 0 });
  });
});

describe('the order to trust a machine again', () => {
  it('is taken for one machine or for all of them', async () => {
    const { ask, forgiven } = await served();
    const one = await ask('POST', '/v1/orders/forgive', '{"machineId":48211}');
    expect(one).toEqual({ status: 202, body: { forgiven: 1 } });
    expect(forgiveAnswer.safeParse(one.body).success).toBe(true);
    expect((await ask('POST', '/v1/orders/forgive', '{"all":true}')).status).toBe(202);
    expect(forgiven).toEqual([48_211, 'all']);
  });

  it.each([
    '{}',
    '{"all":false}',
    '{"machineId":-1}',
    '{"machineId":1.5}',
    '{"machineId":1,"all":true}',
    '[]',
    'null',
  ])('is refused with 400 and does nothing when it is none: %s', async (body) => {
    const { ask, forgiven } = await served();
    expect(await ask('POST', '/v1/orders/forgive', body)).toEqual({
      status: 400,
      body: {
        error: expect.stringMatching(/^exactly one of machineId and all:true|^machineId is 0 or more$/),
      },
    });
    expect(forgiven).toEqual([]);
  });
});
