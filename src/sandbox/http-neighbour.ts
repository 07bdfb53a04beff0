import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WorldOutcome, WorldRequest } from '../world/exchange.ts';
import type { Neighbour } from '../world/neighbour.ts';

export interface ServedNeighbour {
  readonly port: number;
  close(): Promise<void>;
}

/** Additional control routes of one neighbour, tried before the usual ones and its public API. `undefined` = not mine. */
export type ControlRoute = (request: WorldRequest) => Promise<WorldOutcome | undefined>;

/**
 * Serves a neighbour over real HTTP on loopback: raw path, whole body, hang-ups passed on as an abort. Beside its
 * public API answers `/sandbox/books`, `/sandbox/faults` and `/sandbox/ready`.
 */
export async function serveNeighbour(
  neighbour: Neighbour,
  options: { port: number; control?: ControlRoute },
): Promise<ServedNeighbour> {
  const server = createServer((incoming, outgoing) => {
    void exchange(
      async (request) =>
        (await options.control?.(request)) ??
        (await controlAnswer(neighbour, request)) ??
        (await neighbour.handle(request)),
      incoming,
      outgoing,
    );
  });
  server.keepAliveTimeout = 60_000;
  const port = await listen(server, options.port);
  return {
    port,
    close: async () => {
      neighbour.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/** One exchange over real HTTP, for servers that are not `serveNeighbour`'s (a machine's own loopback). */
export async function exchange(
  handle: (request: WorldRequest) => Promise<WorldOutcome>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const hangUp = new AbortController();
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) hangUp.abort(new Error('caller hung up'));
  });
  try {
    const request = await read(incoming, hangUp.signal);
    await write(await handle(request), outgoing);
  } catch (error) {
    if (!outgoing.headersSent && !hangUp.signal.aborted) {
      outgoing.writeHead(500, { 'content-type': 'text/plain' }).end(`sandbox: ${String(error)}`);
    } else {
      outgoing.destroy();
    }
  }
}

async function read(incoming: IncomingMessage, signal: AbortSignal): Promise<WorldRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const body = Buffer.concat(chunks).toString('utf8');
  return { method: incoming.method ?? 'GET', path: incoming.url ?? '/', headers, body, signal };
}

async function write(outcome: WorldOutcome, outgoing: ServerResponse): Promise<void> {
  if (outcome === 'hang') return;
  if (outcome === 'drop') {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(outcome.status, outcome.headers);
  if (typeof outcome.body === 'string') {
    outgoing.end(outcome.body);
    return;
  }
  for await (const piece of outcome.body) {
    if (outgoing.destroyed) return;
    if (!outgoing.write(piece)) {
      await new Promise<void>((resolve) => {
        outgoing.once('drain', resolve).once('close', resolve);
      });
    }
  }
  outgoing.end();
}

async function controlAnswer(neighbour: Neighbour, request: WorldRequest): Promise<WorldOutcome | undefined> {
  const answer = (status: number, value: unknown): WorldOutcome => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  });
  const { faults } = neighbour;
  switch (`${request.method} ${request.path}`) {
    case 'GET /sandbox/ready':
      return answer(200, { ready: true });
    case 'GET /sandbox/books':
      return answer(200, neighbour.books());
    case 'GET /sandbox/faults':
      return answer(
        200,
        faults.descriptions.map((fault) => ({ ...fault, value: faults.get(fault.name) })),
      );
    case 'POST /sandbox/faults': {
      const { name, value } = JSON.parse(request.body) as { name: string; value: number };
      faults.set(name, value);
      return answer(200, { name, value: faults.get(name) });
    }
    default:
      return undefined;
  }
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  return (server.address() as AddressInfo).port;
}
