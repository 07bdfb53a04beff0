import type { AcceptConnection, ClientChannel, RejectConnection, TcpConnectionDetails } from 'ssh2';
import { HybridError, type Fault } from '../../errors.ts';
import type { Transport } from '../transport.ts';
import type { Endpoint } from '../vast/interface.ts';
import { channelHttp, type ChannelHttp, openChannel } from './channel-http.ts';
import { ChannelSocket } from './channel-socket.ts';
import type { Connection } from './connection.ts';
import { execCommand } from './exec.ts';
import type { Dialer, ExecResult, ReverseReceiver, SshSession } from './interface.ts';
import { bindOnMachine } from './reverse-binding.ts';
import { ReverseServer } from './reverse-server.ts';

/** How long a peer may take to say goodbye, real milliseconds; a frozen one never does. */
const goodbyeMs = 500;

/** An authenticated ssh2 connection as the house's `SshSession`. */
export class Ssh2Session implements SshSession {
  readonly hostKey: string;
  readonly endpoint: Endpoint;
  readonly closed: Promise<Error | undefined>;
  readonly #connection: Connection;
  readonly #onReceiverFault: (fault: Fault) => void;
  readonly #pools = new Map<number, ChannelHttp>();
  readonly #servers = new Map<number, ReverseServer>();
  #isClosing = false;
  #isClosed = false;

  constructor(connection: Connection, endpoint: Endpoint, onReceiverFault: (fault: Fault) => void) {
    this.#connection = connection;
    this.#onReceiverFault = onReceiverFault;
    this.endpoint = endpoint;
    this.hostKey = connection.hostKey;
    connection.client.on('tcp connection', (details, accept, reject) =>
      this.#receive(details, accept, reject),
    );
    this.closed = connection.closed.then((reason) => this.#end(reason));
  }

  async exec(command: string, options: { timeoutMs: number; signal: AbortSignal }): Promise<ExecResult> {
    return await execCommand(this.#connection.client, this.#where, command, options);
  }

  transport(port: number): Transport {
    return async (request) => {
      if (this.#isClosed || this.#isClosing) {
        throw new HybridError({
          code: 'WIRE_REFUSED',
          message: `the SSH connection to ${this.#where} is closed`,
        });
      }
      let pool = this.#pools.get(port);
      if (pool === undefined) {
        pool = channelHttp(this.#connection.client, port);
        this.#pools.set(port, pool);
      }
      return await pool.transport(request);
    };
  }

  dialer(port: number): Dialer {
    return (_options, callback) => {
      if (!this.#isClosed && !this.#isClosing) return openChannel(this.#connection.client, port, callback);
      const message = `the SSH connection to ${this.#where} is closed`;
      return callback(Object.assign(new Error(message), { code: 'ECONNREFUSED' }), null);
    };
  }

  async reverse(port: number, receiver: ReverseReceiver, signal: AbortSignal): Promise<void> {
    if (this.#servers.has(port)) {
      const message = `port ${port} on ${this.#where} is bound by this connection already`;
      throw new HybridError({ code: 'SSH_PORT_BUSY', message, port });
    }
    // In place before the bind: the machine may post in the same moment.
    this.#servers.set(port, new ReverseServer(receiver, this.#onReceiverFault));
    try {
      await bindOnMachine(this.#connection.client, this.#where, port, signal);
    } catch (error) {
      this.#servers.delete(port);
      throw error;
    }
  }

  close(): void {
    if (this.#isClosing || this.#isClosed) return;
    this.#isClosing = true;
    const { client } = this.#connection;
    const limit = setTimeout(() => client.destroy(), goodbyeMs);
    client.once('close', () => clearTimeout(limit));
    client.end();
  }

  get #where(): string {
    return `${this.endpoint.host}:${this.endpoint.port}`;
  }

  #receive(
    details: TcpConnectionDetails,
    accept: AcceptConnection<ClientChannel>,
    reject: RejectConnection,
  ): void {
    const server = this.#servers.get(details.destPort);
    if (server === undefined || server.isFull) return reject();
    server.take(new ChannelSocket(accept()));
  }

  #end(reason: Error | undefined): Error | undefined {
    this.#isClosed = true;
    for (const pool of this.#pools.values()) pool.close();
    for (const server of this.#servers.values()) server.close();
    if (this.#isClosing) return undefined;
    const cause = reason?.message ?? 'the other side closed it';
    return new HybridError({ code: 'SSH_LOST', message: `SSH to ${this.#where}: ${cause}` });
  }
}
