import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * Hands every body on as the bytes that came, whatever its Content-Type says: the Network Node posts JSON without
 * one (docs/reference/protocol.md "Content-Type and JSON tolerance"), and PoC bodies are relayed from that text.
 */
export function acceptRawBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  // A malformed Content-Type would be refused before any parser sees the body.
  app.addHook('onRequest', (request, _reply, done) => {
    request.raw.headers['content-type'] = undefined;
    done();
  });
}

/** The body's bytes, none when there was no body. */
export function rawBytesOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : noBytes;
}

const noBytes = Buffer.alloc(0);

/** The body's text, empty when there was none. */
export const rawBodyOf = (request: FastifyRequest): string => rawBytesOf(request).toString('utf8');

/** A parsed text, or `undefined` when it is no JSON. The reason stays here: it would quote the body. */
export function parsedJson(raw: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(raw) as unknown };
  } catch {
    return undefined;
  }
}
