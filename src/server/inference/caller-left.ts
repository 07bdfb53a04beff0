import type { FastifyReply } from 'fastify';

/** Aborted when the caller closes the connection before the whole answer is written. */
export function callerLeft(reply: FastifyReply): AbortSignal {
  const left = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) left.abort();
  });
  return left.signal;
}
