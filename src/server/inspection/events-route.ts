import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Runtime } from '../../runtime/interface.ts';
import { JournalStream } from './journal-stream.ts';

/** Streams are for a handful of pages and scripts. */
const streamsMax = 32;

/**
 * `GET /v1/events`: the journal as server-sent events, `id` = `seq`. Starts after `Last-Event-ID` or `?after=`, with
 * neither at the next step.
 */
export function eventsRoute(app: FastifyInstance, journal: Pick<Runtime, 'journalSince' | 'onStep'>): void {
  const streams = new Set<JournalStream>();
  app.addHook('preClose', async () => {
    for (const stream of streams) stream.close();
  });
  app.get('/v1/events', (request, reply) => {
    const after = startOf(request);
    if (Number.isNaN(after)) return reply.code(400).send({ error: '"after" is no sequence number' });
    if (streams.size >= streamsMax) return reply.code(503).send({ error: 'too many event streams' });
    reply.hijack();
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
    });
    const stream = new JournalStream(journal, reply.raw, after);
    streams.add(stream);
    reply.raw.once('close', () => {
      stream.close();
      streams.delete(stream);
    });
    return reply;
  });
}

/** Undefined for "from now on", NaN for something that is no sequence number. */
function startOf(request: FastifyRequest): number | undefined {
  const asked = request.headers['last-event-id'] ?? (request.query as Record<string, unknown>)['after'];
  if (asked === undefined) return undefined;
  return typeof asked === 'string' && /^\d{1,15}$/.test(asked) ? Number(asked) : Number.NaN;
}
