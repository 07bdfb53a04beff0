import type { FastifyBaseLogger, FastifyReply } from 'fastify';
import { toFault } from '../../errors.ts';

/**
 * Closes the connection unanswered. The Network Node ignores the HTTP status of its v1 work calls, so this is the
 * only failure of them that it notices (docs/reference/protocol.md "HTTP client facts").
 */
export function silence(reply: FastifyReply): FastifyReply {
  reply.hijack();
  reply.raw.destroy();
  return reply;
}

/** Answers with `act`; a throw becomes silence, since a 500 would count as done (invariant I8). */
export async function orSilence(
  reply: FastifyReply,
  log: FastifyBaseLogger,
  call: string,
  act: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  try {
    return await act();
  } catch (error) {
    const { code, class: retryClass } = toFault(error);
    log.error({ call, code, retryClass }, 'a call of the Network Node failed and is left unanswered');
    return silence(reply);
  }
}
