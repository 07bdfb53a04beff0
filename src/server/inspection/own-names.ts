import type { FastifyInstance } from 'fastify';
import { catalogue } from '../../errors.ts';

const code = 'INSPECTION_NAME_FOREIGN';
const loopback = /^(localhost|[\w-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Refuses with 421 every request that does not call the listener by a name of loopback or by `host` (INSPECTION_HOST);
 * any port. For a listener without a token: a page of the Internet that bends its own name to 127.0.0.1 would
 * otherwise be of one origin with it, and could read what it serves and order.
 */
export function demandOwnName(app: FastifyInstance, host: string | undefined): void {
  app.addHook('onRequest', async (request, reply) => {
    if (isOwnName(request.headers.host, host)) return undefined;
    // The body of an order is not read, so nothing else can be read on that connection.
    return reply
      .code(421)
      .header('connection', 'close')
      .send({ error: `${code}: ${catalogue[code].help}` });
  });
}

function isOwnName(called: string | undefined, host: string | undefined): boolean {
  const name = (called ?? '').toLowerCase().replace(/:\d+$/, '');
  return loopback.test(name) || (host !== undefined && (name === host || name === `[${host}]`));
}
