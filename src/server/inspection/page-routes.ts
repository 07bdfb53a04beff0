import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PageFile, PageFiles } from './page-files.ts';

/** The page may load from and talk to this listener alone, and nothing may frame it. */
const headers = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const notBuilt = `The inspection page is not built.

From the folder of the program: npm ci && npm run web
Everything that it would show is at /v1/state, and on the command line: hybrid-mlnode status
`;

/** `GET /` and `GET /assets/{name}`. The page holds nothing of the daemon's: it is served without a token, and asks for one. */
export function pageRoutes(app: FastifyInstance, files: PageFiles): void {
  app.get('/', (request, reply) => {
    const index = files.index();
    if (index === undefined) return reply.type('text/plain; charset=utf-8').send(notBuilt);
    return sent(request, reply, index, 'no-cache');
  });
  // Their names change with what is in them.
  app.get<{ Params: { name: string } }>('/assets/:name', (request, reply) => {
    const asset = files.asset(request.params.name);
    if (asset === undefined) return reply.code(404).send({ error: 'not found' });
    return sent(request, reply, asset, 'public, max-age=31536000, immutable');
  });
}

function sent(request: FastifyRequest, reply: FastifyReply, file: PageFile, cache: string): FastifyReply {
  const { contentType, plain, gzip, br } = file;
  const taken = codingsOf(request.headers['accept-encoding']);
  void reply.headers({ ...headers, vary: 'accept-encoding', 'cache-control': cache }).type(contentType);
  if (br !== undefined && taken.has('br')) return reply.header('content-encoding', 'br').send(br);
  if (gzip !== undefined && taken.has('gzip')) return reply.header('content-encoding', 'gzip').send(gzip);
  return reply.send(plain);
}

/** Codings that the reader takes; one with `q=0` it does not. */
function codingsOf(header: string | string[] | undefined): ReadonlySet<string> {
  const codings = String(header ?? '')
    .toLowerCase()
    .split(',')
    .map((each) => each.trim())
    .filter((each) => !/;\s*q=0(\.0*)?$/.test(each));
  return new Set(codings.map((each) => each.split(';')[0]?.trim() ?? ''));
}
