import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { HybridError } from '../../errors.ts';

/** `POST /v1/orders/release`: one machine by its lease or instance, or all of them. */
export const releaseOrder = z.union(
  [
    z.strictObject({ leaseId: z.string().regex(/^\w{1,64}$/) }),
    z.strictObject({ instanceId: z.int().min(1) }),
    z.strictObject({ all: z.literal(true) }),
  ],
  { error: 'exactly one of leaseId, instanceId and all:true is wanted' },
);
export type ReleaseOrder = z.infer<typeof releaseOrder>;

/** `POST /v1/orders/rent`: a machine for the coming PoC, now, kept until that height. */
export const rentOrder = z.strictObject({ until: z.enum(['validation-end', 'epoch-end']) });
export type RentOrder = z.infer<typeof rentOrder>;

export const releaseAnswer = z.strictObject({
  /** Leases that were told to end; proof of their end stands in `/v1/leases`. */
  asked: z.array(z.strictObject({ leaseId: z.string(), instanceId: z.number().nullable() })),
});
export const rentAnswer = z.strictObject({
  epochIndex: z.number(),
  mode: z.enum(['sprint', 'epoch']),
  /** Height at which the order was taken. */
  rentHeight: z.number(),
  pocStartHeight: z.number(),
  holdUntilHeight: z.number(),
});

/** What a person may order of a running daemon. Throws ORDER_REFUSED, with the reason. */
export interface OperatorOrders {
  release(order: ReleaseOrder): z.infer<typeof releaseAnswer>;
  rent(order: RentOrder): z.infer<typeof rentAnswer>;
}

/** An order is a few words. */
const orderBytesMax = 4_096;

const deaf: OperatorOrders = {
  release: () => refuse(),
  rent: () => refuse(),
};
function refuse(): never {
  throw new HybridError({ code: 'ORDER_REFUSED', message: 'no orders are taken here' });
}

/** Orders of the operator. */
export function ordersRoute(app: FastifyInstance, orders: OperatorOrders = deaf): void {
  guardOrders(app);
  app.post('/v1/orders/release', (request, reply) =>
    answered(request, reply, releaseOrder, (order) => orders.release(order)),
  );
  app.post('/v1/orders/rent', (request, reply) =>
    answered(request, reply, rentOrder, (order) => orders.rent(order)),
  );
}

/**
 * Stands in front of everything that is posted to `app`. Without a token the listener is on loopback, where any page
 * in a browser of this host could post: only JSON is taken, which no foreign page may send. A name that was bent to
 * 127.0.0.1 never comes so far.
 */
function guardOrders(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.method === 'GET' || request.method === 'HEAD') return undefined;
    const { 'content-length': length, 'content-type': type = '' } = request.headers;
    const refusal = refusalOf({ length, type });
    if (refusal === undefined) return undefined;
    const [status, error] = refusal;
    // Its body is not read, so nothing else can be read on that connection.
    return reply.code(status).header('connection', 'close').send({ error });
  });
}

function refusalOf(order: {
  readonly length: string | undefined;
  readonly type: string;
}): [status: number, error: string] | undefined {
  if (Number(order.length ?? 0) > orderBytesMax) return [413, 'the order is too long'];
  if (!/^application\/json\s*(;|$)/i.test(order.type)) return [415, 'an order is JSON'];
  return undefined;
}

function answered<Order>(
  request: FastifyRequest,
  reply: FastifyReply,
  schema: z.ZodType<Order>,
  act: (order: Order) => object,
): FastifyReply {
  const order = schema.safeParse(request.body);
  if (!order.success) return reply.code(400).send({ error: saidOf(order.error) });
  try {
    return reply.code(202).send(act(order.data));
  } catch (error) {
    if (!(error instanceof HybridError)) throw error;
    return reply.code(409).send({ error: error.message });
  }
}

function saidOf(error: z.ZodError): string {
  const [issue] = error.issues;
  const field = issue?.path.join('.') ?? '';
  return `the order is not understood: ${field === '' ? '' : `${field}: `}${issue?.message ?? 'no JSON object'}`;
}
