import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { toFault, type Fault } from '../../errors.ts';
import type { ReverseReceiver, ReverseRequest, ReverseResponse } from './interface.ts';

export interface ReverseServerLimits {
  /** Largest body that is taken; a larger one is answered 413. Bytes. */
  readonly bodyBytesMax: number;
  /** Time for a whole request to arrive, real milliseconds; then its connection is ended. */
  readonly requestTimeoutMs: number;
  /** Connections at once; more are refused, and the sender tries again. */
  readonly connectionsMax: number;
}

export const reverseServerLimits: ReverseServerLimits = {
  bodyBytesMax: 32 * 1024 * 1024,
  requestTimeoutMs: 60_000,
  connectionsMax: 128,
};

/** An HTTP/1.1 server without a listener: its connections are channels that the machine opens. */
export class ReverseServer {
  readonly #server: Server;
  readonly #limits: ReverseServerLimits;
  readonly #connections = new Set<Duplex>();

  /** `onFault` hears of a receiver that threw; the sender is answered 500. */
  constructor(receiver: ReverseReceiver, onFault: (fault: Fault) => void, limits = reverseServerLimits) {
    this.#limits = limits;
    this.#server = createServer((request, response) => {
      answer(request, response, receiver, limits).catch((error: unknown) => {
        onFault(toFault(error));
        if (response.headersSent) response.destroy();
        else send(response, { status: 500, body: '' });
      });
    });
  }

  get isFull(): boolean {
    return this.#connections.size >= this.#limits.connectionsMax;
  }

  take(connection: Duplex): void {
    this.#connections.add(connection);
    connection.once('close', () => this.#connections.delete(connection));
    // node:http puts its own listener on top; this one outlives the parser.
    connection.on('error', () => undefined);
    this.#server.emit('connection', connection);
  }

  close(): void {
    for (const connection of this.#connections) connection.destroy();
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  receiver: ReverseReceiver,
  limits: ReverseServerLimits,
): Promise<void> {
  const limit = setTimeout(() => request.destroy(), limits.requestTimeoutMs);
  const body = await collect(request, limits.bodyBytesMax).finally(() => clearTimeout(limit));
  if (body === 'broken') return;
  if (body === 'too large') {
    response.setHeader('connection', 'close');
    return send(response, { status: 413, body: '' });
  }
  send(response, await receiver(toReverseRequest(request, body)));
}

/** The whole body, or why there is none. What exceeds the limit is not kept. */
function collect(request: IncomingMessage, bytesMax: number): Promise<Buffer | 'broken' | 'too large'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    if (Number(request.headers['content-length'] ?? 0) > bytesMax) resolve('too large');
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bytesMax) chunks.push(chunk);
      else {
        chunks.length = 0;
        resolve('too large');
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () => resolve('broken'));
    request.on('close', () => resolve('broken'));
  });
}

function toReverseRequest(request: IncomingMessage, body: Buffer): ReverseRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { method: request.method ?? 'GET', path: request.url ?? '/', headers, body };
}

function send(response: ServerResponse, { status, body }: ReverseResponse): void {
  const type = body === '' ? {} : { 'content-type': 'application/json' };
  response.writeHead(status, { ...type, 'content-length': Buffer.byteLength(body) }).end(body);
}
