import type { AddressInfo } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { HybridError } from '../../../src/errors.ts';
import { type OperatorOrders, ordersRoute } from '../../../src/server/inspection/orders-route.ts';
import { rawCall } from '../raw-call.ts';

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

const plan = { epochIndex: 9, mode: 'sprint', rentHeight: 1, pocStartHeight: 2, holdUntilHeight: 3 } as const;

async function served(options: { orders?: Partial<OperatorOrders> } = {}) {
  const taken: object[] = [];
  const orders: OperatorOrders = {
    release: (order) => {
      taken.push(order);
      return { asked: [{ leaseId: 'one', instanceId: null }] };
    },
    rent: (order) => {
      taken.push(order);
      return plan;
    },
    ...options.orders,
  };
  app = fastify();
  ordersRoute(app, orders);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const post = async (path: string, body: string, headers: Record<string, string> = {}) => {
    const answer = await rawCall(port, {
      method: 'POST',
      path,
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
    if (answer === 'closed') throw new Error('no answer');
    return { status: answer.status, body: JSON.parse(answer.body) as Record<string, unknown> };
  };
  return { post, taken };
}

describe('an order', () => {
  it('is taken with 202, and handed on as it came', async () => {
    const { post, taken } = await served();
    expect(await post('/v1/orders/release', '{"leaseId":"one"}')).toEqual({
      status: 202,
      body: { asked: [{ leaseId: 'one', instanceId: null }] },
    });
    expect(await post('/v1/orders/rent', '{"until":"epoch-end"}')).toEqual({ status: 202, body: plan });
    expect(taken).toEqual([{ leaseId: 'one' }, { until: 'epoch-end' }]);
  });

  it.each([
    ['release', '{}'],
    ['release', '{"leaseId":"one","all":true}'],
    ['release', '{"all":false}'],
    ['release', '{"instanceId":0}'],
    ['release', '[]'],
    ['rent', '{"until":"tomorrow"}'],
    ['rent', '{"until":"epoch-end","width":9}'],
    ['rent', 'null'],
  ])('that is none is refused with 400 and does nothing: %s %s', async (name, body) => {
    const { post, taken } = await served();
    expect((await post(`/v1/orders/${name}`, body)).status).toBe(400);
    expect(taken).toEqual([]);
  });

  it('that cannot be done now is 409 with the reason', async () => {
    const { post } = await served({
      orders: {
        rent: () => {
          throw new HybridError({ code: 'ORDER_REFUSED', message: 'no head of the chain is known yet' });
        },
      },
    });
    expect(await post('/v1/orders/rent', '{"until":"epoch-end"}')).toEqual({
      status: 409,
      body: { error: 'no head of the chain is known yet' },
    });
  });

  it('is never what a form of a foreign page can send', async () => {
    const { post, taken } = await served();
    const order = '{"all":true}';
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      expect((await post('/v1/orders/release', order, { 'content-type': type })).status).toBe(415);
    expect(taken).toEqual([]);
  });
});
