import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A callback as it came to the Network Node. */
export interface Received {
  readonly path: string;
  /** SHA-256 (hex) of the exact bytes. */
  readonly hash: string;
}

/** The Network Node's callback port: takes everything, and remembers it byte for byte. */
export interface RecordingNetworkNode {
  readonly origin: string;
  readonly received: readonly Received[];
  /** Resolves when `isEnough` says so; looked at after each callback. */
  until(isEnough: (received: readonly Received[]) => boolean): Promise<void>;
  close(): void;
}

export async function recordingNetworkNode(): Promise<RecordingNetworkNode> {
  const received: Received[] = [];
  const looks = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ path: request.url ?? '', hash: hash('sha256', Buffer.concat(chunks), 'hex') });
      response.writeHead(200).end();
      for (const look of looks) look();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    until: (isEnough) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!isEnough(received)) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      }),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
