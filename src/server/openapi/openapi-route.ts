import type { FastifyInstance } from 'fastify';
import { openApiDocument } from './document.ts';
import type { Listener } from './operation.ts';

/** Each listener's document as text, printed once: when the first listener of its kind is made, never during a call. */
const printed = new Map<Listener, string>();

/** `GET /openapi.json`: what this listener serves. */
export function openapiRoute(app: FastifyInstance, listener: Exclude<Listener, 'inference'>): void {
  const text = printed.get(listener) ?? JSON.stringify(openApiDocument(listener));
  printed.set(listener, text);
  app.get('/openapi.json', (_request, reply) => reply.type('application/json; charset=utf-8').send(text));
}
