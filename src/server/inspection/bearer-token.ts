import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Secret } from '../../secret.ts';

/** Refuses with 401 every request to the routes of `app` that does not carry the token. */
export function demandToken(app: FastifyInstance, token: Secret): void {
  const expected = digest(token.reveal());
  app.addHook('onRequest', async (request, reply) => {
    const [, given] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
    // Digests have one length, so the comparison tells nothing about the token, not even how long it is.
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return undefined;
    return reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'token required' });
  });
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
