import type { Client } from 'ssh2';
import { Agent, type buildConnector } from 'undici';
import { createRawPathTransport } from '../raw-path-transport.ts';
import type { Transport } from '../transport.ts';
import { ChannelSocket } from './channel-socket.ts';

/** HTTP/1.1 to one port of the machine, with the pool of channels behind it. */
export interface ChannelHttp {
  readonly transport: Transport;
  /** Ends the pool: calls in flight reject with WIRE_BROKEN. */
  close(): void;
}

/** Channels that one port may have open at once; more requests wait their turn within their own limit. */
const channelsMax = 16;
/** uvicorn closes an idle connection after 5 s; a request must not meet that moment. */
const idleMs = 4_000;

/**
 * Whatever host and port a request's URL names, it goes to `127.0.0.1:port` of the machine, path and query byte for
 * byte. A channel that the machine refuses is WIRE_REFUSED: nothing was sent.
 */
export function channelHttp(client: Client, port: number): ChannelHttp {
  const agent = new Agent({
    connections: channelsMax,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    // Each request carries its own limit.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (_options, callback) => openChannel(client, port, callback),
  });
  return {
    transport: createRawPathTransport(agent),
    close: () => {
      agent.destroy().catch(() => undefined);
    },
  };
}

/** One channel to `127.0.0.1:port` of the machine. A refused one is ECONNREFUSED: nothing was sent. */
export function openChannel(client: Client, port: number, callback: buildConnector.Callback): void {
  const refuse = (error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    callback(Object.assign(new Error(`channel to port ${port}: ${message}`), { code: 'ECONNREFUSED' }), null);
  };
  try {
    client.forwardOut('127.0.0.1', 0, '127.0.0.1', port, (error, channel) => {
      if (error) return refuse(error);
      // undici asks for a net.Socket by type; it uses the stream and the methods that ChannelSocket has.
      callback(
        null,
        new ChannelSocket(channel) as unknown as Parameters<buildConnector.Callback>[1] & object,
      );
    });
  } catch (error) {
    refuse(error);
  }
}
