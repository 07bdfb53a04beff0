import { writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { connect, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Outbound } from '../world/exchange.ts';
import { Loopback, type PortHolder } from '../world/machine/loopback.ts';
import { httpOutbound } from './outbound.ts';

interface Listener {
  readonly server: Server;
  readonly sockets: Set<Socket>;
}

/**
 * The machine's 127.0.0.1. Port N is the Unix socket `run/lo/N` below the machine's root: a kernel socket that is
 * refused when nobody listens, that programs on the machine reach too, and that has nothing to do with the host's
 * own loopback.
 */
export class SandboxLoopback {
  readonly ports = new Loopback<Listener>();
  readonly #root: string;
  #isClosed = false;
  constructor(root: string) {
    this.#root = root;
    this.#publish();
  }

  /** False when the port is held. The server must not listen yet. */
  async bind(entry: { port: number; host: string; holder: PortHolder; server: Server }): Promise<boolean> {
    const { server } = entry;
    const sockets = new Set<Socket>();
    if (!this.ports.bind({ ...entry, listener: { server, sockets } })) return false;
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#path(entry.port), () => resolve());
    });
    this.#publish();
    return true;
  }

  /** Closes what `pid` holds, connections included; one port of it or all. */
  release(pid: number, port?: number): void {
    for (const { listener } of this.ports.release(pid, port)) {
      listener.server.close();
      for (const socket of listener.sockets) socket.destroy();
    }
    this.#publish();
  }

  /** A connection to a port; its `error` event says that nobody listens. */
  connect(port: number): Socket {
    return connect(this.#path(port));
  }

  /** HTTP out of the machine: to its own loopback; it knows no other host. */
  outbound(): Outbound {
    const send = httpOutbound(new LoopbackAgent(this));
    return async (call) => {
      const { hostname } = new URL(call.url);
      if (hostname !== '127.0.0.1' && hostname !== 'localhost') {
        throw new Error(`getaddrinfo ENOTFOUND ${hostname}`);
      }
      return send(call);
    };
  }

  close(): void {
    this.#isClosed = true;
    for (const { holder } of this.ports.entries()) this.release(holder.pid);
  }

  #path(port: number): string {
    return join(this.#root, 'run', 'lo', String(port));
  }

  /** The table that `ss`, `fuser` and `lsof` of the machine print: port, address, pid, name. */
  #publish(): void {
    if (this.#isClosed) return;
    const lines = this.ports
      .entries()
      .map(({ port, host, holder }) => `${port} ${host} ${holder.pid} ${holder.name}\n`);
    writeFileSync(join(this.#root, 'run', 'listeners'), lines.join(''));
  }
}

/** One connection a request, as Python's `requests` opens them. */
class LoopbackAgent extends Agent {
  readonly #loopback: SandboxLoopback;
  constructor(loopback: SandboxLoopback) {
    super({ keepAlive: false });
    this.#loopback = loopback;
  }
  override createConnection(options: { port?: number | string | null }): Duplex {
    return this.#loopback.connect(Number(options.port ?? 80));
  }
}
