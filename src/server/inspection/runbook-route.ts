import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

const folder = new URL('../../../docs/runbooks/', import.meta.url);

/** `GET /v1/runbooks/<kind>.md`: where the links in alerts lead. No secret, so no token: a browser sends none. */
export function runbookRoute(app: FastifyInstance): void {
  app.get<{ Params: { page: string } }>('/v1/runbooks/:page', (request, reply) => {
    const [, name] = /^([a-z]+(?:-[a-z]+)*)(?:\.md)?$/.exec(request.params.page) ?? [];
    const page = name === undefined ? undefined : pageOf(name);
    if (page === undefined) return reply.code(404).send({ error: 'no such page' });
    return reply.type('text/markdown; charset=utf-8').send(page);
  });
}

function pageOf(name: string): string | undefined {
  try {
    return readFileSync(new URL(`${name}.md`, folder), 'utf8');
  } catch {
    return undefined;
  }
}
