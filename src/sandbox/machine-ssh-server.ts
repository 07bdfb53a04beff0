import { makeEd25519Key } from './ed25519-key.ts';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import ssh2 from 'ssh2';
import type { MachineFaultBoard } from '../world/machine/machine-faults.ts';
import type { SshPath } from '../world/machine/machine-access.ts';
import { MachineLine } from './machine-line.ts';
import { MachineSshConnection, type SshPlace } from './machine-ssh-connection.ts';

const banner =
  'Welcome to vast.ai. If authentication fails, try again after a few seconds, and double check your ssh key.\n' +
  'Have fun!\n';

export interface SshPorts {
  readonly sshPort: number;
  readonly directPort: number;
}

/**
 * The machine's SSH server on two ports of the host's loopback, as the proxy and the direct path lead to it, and one
 * above the proxied port the published container port 8080 (docs/reference/vast.md "SSH and networking").
 */
export class MachineSshServer {
  readonly #place: SshPlace;
  readonly #faults: MachineFaultBoard;
  readonly #listeners: Server[] = [];
  readonly #lines = new Set<MachineLine>();
  readonly #waiting = new Set<Socket>();
  #server: ssh2.Server;
  #publishedConnections = 0;

  constructor(place: SshPlace, faults: MachineFaultBoard) {
    this.#place = place;
    this.#faults = faults;
    this.#server = this.#withNewHostKey();
    faults.onChange((name, value) => this.#faultChanged(name, value));
  }

  /** Connections that strangers could make to a server on container port 8080. */
  get publishedConnections(): number {
    return this.#publishedConnections;
  }

  /** Host ports, any free ones. */
  async listen(): Promise<SshPorts> {
    const direct = await this.#open(0, (socket) => this.#arrived('direct', socket));
    for (let tries = 0; tries < 50; tries += 1) {
      const proxy = await this.#open(0, (socket) => this.#arrived('proxy', socket));
      const published = await this.#open(proxy.port + 1, (socket) => this.#publish(socket)).catch(
        () => undefined,
      );
      if (published) {
        this.#listeners.push(direct.server, proxy.server, published.server);
        return { sshPort: proxy.port, directPort: direct.port };
      }
      proxy.server.close();
    }
    throw new Error('no two neighbouring free ports');
  }

  close(): void {
    for (const listener of this.#listeners) listener.close();
    this.#closeConnections();
  }

  async #open(port: number, arrived: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
    const server = createServer({ allowHalfOpen: true }, arrived);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve());
    });
    return { server, port: (server.address() as AddressInfo).port };
  }

  #arrived(path: SshPath, socket: Socket): void {
    if (!this.#place.access.isOpen(path)) {
      socket.on('error', () => undefined).destroy();
    } else if (this.#faults.is('frozen')) {
      this.#waiting.add(socket.on('error', () => undefined));
      socket.on('close', () => this.#waiting.delete(socket));
    } else {
      this.#serve(socket);
    }
  }

  #serve(socket: Socket): void {
    if (this.#faults.take('hostKeyChanges')) this.#server = this.#withNewHostKey();
    const line = new MachineLine(socket);
    this.#lines.add(line);
    line.on('close', () => this.#lines.delete(line));
    line.setNoDelay(true);
    this.#server.injectSocket(line as unknown as Socket);
  }

  #withNewHostKey(): ssh2.Server {
    const { private: hostKey } = makeEd25519Key();
    // sshd asks nobody whether he is still there (ClientAliveInterval 0), so a lost peer is never noticed.
    const keepaliveInterval = 2 ** 31 - 1;
    const ident = 'OpenSSH_8.9p1 Ubuntu-3ubuntu0.13';
    const server = new ssh2.Server({ hostKeys: [hostKey], banner, ident, keepaliveInterval });
    server.on('connection', (connection) => {
      const line = (connection as unknown as { readonly _sock: MachineLine })._sock;
      void new MachineSshConnection(connection, line, this.#place);
    });
    return server;
  }

  #publish(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const inside = this.#place.loopback.connect(8080);
    inside.on('error', () => socket.destroy());
    inside.on('close', () => socket.destroy());
    socket.on('close', () => inside.destroy());
    inside.once('connect', () => {
      this.#publishedConnections += 1;
      socket.pipe(inside).pipe(socket);
    });
  }

  #faultChanged(name: string, value: number): void {
    if (name === 'sshDies' && value > 0) {
      this.#closeConnections();
      this.#faults.set('sshDies', 0);
    }
    if (name !== 'frozen') return;
    for (const line of this.#lines) {
      if (value > 0) line.freeze();
      else line.thaw();
    }
    if (value > 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const socket of waiting) if (!socket.destroyed) this.#serve(socket);
  }

  #closeConnections(): void {
    for (const line of this.#lines) line.destroy();
    for (const socket of this.#waiting) socket.destroy();
  }
}
