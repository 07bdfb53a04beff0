import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

/** `GET /v1/hosts`: the machines that disappointed before, least trusted first. Instants in Unix milliseconds. */
export const hostsAnswer = z.strictObject({
  hosts: z.array(
    z.strictObject({
      machineId: z.number(),
      /** Factor on its chance to be ready, 0 to 1. */
      trust: z.number(),
      reasons: z.array(z.strictObject({ reason: z.string(), fault: z.string().nullable(), at: z.number() })),
      rentals: z.number(),
      ready: z.number(),
    }),
  ),
});
export type HostsAnswer = z.infer<typeof hostsAnswer>;

/** `POST /v1/orders/forgive`: one machine, or all of them, are trusted again. */
export const forgiveOrder = z.union(
  [
    z.strictObject({ machineId: z.int().min(0, 'machineId is 0 or more') }),
    z.strictObject({ all: z.literal(true) }),
  ],
  { error: 'exactly one of machineId and all:true is wanted' },
);
export const forgiveAnswer = z.strictObject({ forgiven: z.number() });

/** `GET /v1/plan`: what will happen around the next PoC, and why. */
export const planAnswer = z.strictObject({ plan: z.record(z.string(), z.unknown()).nullable() });

/** What plans are made of, for people. */
export interface PlanningBooks {
  hosts(): HostsAnswer['hosts'];
  /** How many machines are trusted again. */
  forgive(machineId: number | 'all'): number;
  plan(): Readonly<Record<string, unknown>> | null;
}

const nobody: PlanningBooks = { hosts: () => [], forgive: () => 0, plan: () => null };

export function hostsRoute(app: FastifyInstance, books: PlanningBooks = nobody): void {
  app.get('/v1/hosts', (_request, reply) => reply.send({ hosts: books.hosts() } satisfies HostsAnswer));
  app.get('/v1/plan', (_request, reply) => reply.send({ plan: books.plan() }));
  app.post('/v1/orders/forgive', (request, reply) => {
    const order = forgiveOrder.safeParse(request.body);
    if (!order.success)
      return reply.code(400).send({ error: order.error.issues[0]?.message ?? 'that is no order' });
    return reply
      .code(202)
      .send({ forgiven: books.forgive('machineId' in order.data ? order.data.machineId : 'all') });
  });
}
