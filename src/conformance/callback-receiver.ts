import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HybridError } from '../errors.ts';

/** A callback as it came. */
export interface ReceivedCallback {
  readonly method: string;
  /** Path and query, byte for byte. */
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
  /** What it was answered. */
  readonly status: 200 | 503;
}

/** A stand-in for the Network Node's callback port. */
export interface CallbackReceiver {
  /** What the node has to post to, no trailing slash. */
  readonly origin: string;
  /** In the order of arrival; at most the last 1 000. */
  readonly received: readonly ReceivedCallback[];
  /** The next callback that `matches` is answered 503, once; callbacks that do not are taken as ever. */
  refuseNext(matches: (path: string) => boolean): void;
  /** What came before is of another run. */
  forget(): void;
  close(): Promise<void>;
}

const receivedMax = 1_000;
const bodyBytesMax = 64 * 1024 * 1024;

/** Listens on loopback. `origin` replaces what the node is told, for a tunnel. Throws PORT_IN_USE. */
export async function openCallbackReceiver(options: {
  readonly port: number;
  readonly origin?: string;
}): Promise<CallbackReceiver> {
  const received: ReceivedCallback[] = [];
  let refusing: ((path: string) => boolean) | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bodyBytesMax) request.destroy();
      else chunks.push(chunk);
    });
    request.on('end', () => {
      const path = request.url ?? '/';
      const status = refusing?.(path) === true ? 503 : 200;
      if (status === 503) refusing = undefined;
      received.push({
        method: request.method ?? '',
        path,
        contentType: request.headers['content-type'] ?? '',
        body: Buffer.concat(chunks).toString('utf8'),
        status,
      });
      if (received.length > receivedMax) received.shift();
      response.writeHead(status).end();
    });
  });
  const port = await listen(server, options.port);
  return {
    origin: options.origin ?? `http://127.0.0.1:${port}`,
    received,
    refuseNext: (matches) => {
      refusing = matches;
    },
    forget: () => {
      received.length = 0;
      refusing = undefined;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const message = `cannot listen on 127.0.0.1:${port} for callbacks (${error.code ?? 'unknown'})`;
      reject(new HybridError({ code: 'PORT_IN_USE', message }));
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
