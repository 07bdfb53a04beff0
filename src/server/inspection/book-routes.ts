import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { alertKinds } from '../../alerts/alert-kinds.ts';
import { kindOfAlert } from '../../alerts/kind-of-alert.ts';
import { catalogue } from '../../errors.ts';
import type { OpenAlert } from '../../runtime/interface.ts';
import type { AlertsAnswer } from './book-answers.ts';
import type { InspectionBooks } from './inspection-books.ts';

const number = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const limit = z
  .string()
  .regex(/^([1-9]\d?|[1-4]\d\d|500)$/)
  .transform(Number);
const leaseId = z.string().regex(/^[0-9A-Z]{26}$/);
const rowId = z.string().min(1).max(200);

const epochsQuery = z.object({ before: number.optional(), limit: limit.default(20) });
const leasesQuery = z.object({ before: leaseId.optional(), limit: limit.default(50) });
const journalQuery = z.object({
  row: rowId.optional(),
  before: number.optional(),
  limit: limit.default(100),
});
const noncesQuery = z.object({ epoch: number.optional() });

/** What was and what it cost: `GET /v1/epochs` and its kin. */
export function bookRoutes(
  app: FastifyInstance,
  books: InspectionBooks,
  alerts: () => readonly OpenAlert[],
): void {
  app.get('/v1/epochs', (request, reply) =>
    answered(request, reply, epochsQuery, (query) => books.epochs(query)),
  );
  app.get<{ Params: { index: string } }>('/v1/epochs/:index', (request, reply) => {
    const index = number.safeParse(request.params.index);
    const story = index.success ? books.epoch(index.data) : undefined;
    if (story === undefined) return reply.code(404).send({ error: 'no such epoch' });
    return reply.send(story);
  });
  app.get('/v1/leases', (request, reply) =>
    answered(request, reply, leasesQuery, (query) => books.leases(query)),
  );
  app.get('/v1/journal', (request, reply) =>
    answered(request, reply, journalQuery, ({ row, ...page }) =>
      books.journal({ ...page, ...(row === undefined ? {} : { rowId: row }) }),
    ),
  );
  app.get('/v1/money', (_request, reply) => reply.send(books.money()));
  app.get('/v1/nonces', (request, reply) =>
    answered(request, reply, noncesQuery, ({ epoch }) => books.nonces(epoch)),
  );
  app.get('/v1/inference', (_request, reply) => reply.send(books.inference()));
  app.get('/v1/alerts', (_request, reply) => reply.send(explained(alerts())));
}

function answered<Query extends z.ZodType>(
  request: FastifyRequest,
  reply: FastifyReply,
  schema: Query,
  answer: (query: Defined<z.infer<Query>>) => unknown,
): FastifyReply {
  const query = schema.safeParse(request.query);
  if (!query.success) {
    const name = String(query.error.issues[0]?.path[0] ?? 'query');
    return reply.code(400).send({ error: `"${name}" cannot be read` });
  }
  // Zod leaves absent fields out; the compiler only knows that they may be undefined.
  return reply.send(answer(query.data as Defined<z.infer<Query>>));
}

type Defined<Fields> = {
  [Name in keyof Fields as undefined extends Fields[Name] ? never : Name]: Fields[Name];
} & {
  [Name in keyof Fields as undefined extends Fields[Name] ? Name : never]?: Exclude<Fields[Name], undefined>;
};

const explained = (alerts: readonly OpenAlert[]): AlertsAnswer => ({
  alerts: alerts.map(({ rowId: row, key, code, message, since }) => ({
    rowId: row,
    key,
    code,
    message,
    since,
    class: catalogue[code].class,
    help: catalogue[code].help,
    ...kindWords({ key, code }),
  })),
});

function kindWords(alert: Pick<OpenAlert, 'key' | 'code'>) {
  const kind = kindOfAlert(alert);
  const { severity, title, advice } = alertKinds[kind];
  return { kind, severity, title, advice };
}
