import type { ChildProcess } from 'node:child_process';
import { createServer, type Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ServerChannel, type TcpipBindInfo } from 'ssh2';
import type { MachineAccess } from '../world/machine/machine-access.ts';
import type { MachineLine } from './machine-line.ts';
import type { SandboxLoopback } from './machine-loopback.ts';
import { MachineSshSessions } from './machine-ssh-sessions.ts';
import type { MachineShell } from './machine-shell.ts';

export interface SshPlace {
  readonly access: MachineAccess;
  readonly loopback: SandboxLoopback;
  readonly shell: MachineShell;
  /** Called for each login. */
  readonly loggedIn: () => void;
}

/**
 * One SSH connection as sshd keeps it: after the login a process of its own holds its listeners, and the end of that
 * process is the end of the connection, whoever ends it.
 */
export class MachineSshConnection {
  readonly #connection: Connection;
  readonly #line: MachineLine;
  readonly #place: SshPlace;
  #child: ChildProcess | undefined;

  constructor(connection: Connection, line: MachineLine, place: SshPlace) {
    this.#connection = connection;
    this.#line = line;
    this.#place = place;
    connection.on('authentication', (context) => this.#authenticate(context));
    connection.on('ready', () => this.#loggedIn());
    connection.on('error', () => line.destroy());
    line.on('error', () => undefined);
    line.on('close', () => this.#closed());
  }

  #authenticate(context: AuthContext): void {
    if (context.method === 'publickey' && this.#isAccepted(context)) context.accept();
    else context.reject(['publickey']);
  }

  /** Without a signature the client only asks whether the key would do. RSA with SHA-1 is refused, as by OpenSSH 8.9. */
  #isAccepted(context: Extract<AuthContext, { method: 'publickey' }>): boolean {
    const { key, signature, blob, hashAlgo, username } = context;
    if (!this.#place.access.accepts(username, key.data.toString('base64'))) return false;
    if (signature === undefined || blob === undefined) return true;
    const parsed = ssh2.utils.parseKey(`${key.algo} ${key.data.toString('base64')}`);
    if (parsed instanceof Error) return false;
    if (parsed.type === 'ssh-rsa' && hashAlgo !== 'sha256' && hashAlgo !== 'sha512') return false;
    return parsed.verify(blob, signature, hashAlgo);
  }

  #loggedIn(): void {
    const { shell, loggedIn } = this.#place;
    loggedIn();
    const child = shell.sshdChild();
    this.#child = child;
    child.on('exit', () => this.#line.destroy());
    if (this.#line.destroyed) this.#closed();
    const sessions = new MachineSshSessions((command) => shell.exec(command, child.pid ?? 0));
    this.#connection.on('session', (accept, reject) => sessions.open(accept, reject));
    this.#connection.on('tcpip', (accept, reject, info) => this.#forward(accept, reject, info));
    this.#connection.on('request', (accept, reject, name: string, info: object) => {
      if (name === 'tcpip-forward') void this.#listen(accept, reject, info as TcpipBindInfo);
      else if (name === 'cancel-tcpip-forward') this.#unlisten(accept, info as TcpipBindInfo);
      else reject?.();
    });
  }

  /** To the machine's own loopback; it knows no other host. */
  #forward(
    accept: () => ServerChannel,
    reject: () => void,
    { destIP, destPort }: { destIP: string; destPort: number },
  ): void {
    if (!isLoopback(destIP)) return reject();
    const socket = this.#place.loopback.connect(destPort);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      join(socket, accept());
    });
  }

  /** Without GatewayPorts every address means loopback, and sshd reports success (docs/reference/ssh.md "Forwarding"). */
  async #listen(
    accept: ((port?: number) => void) | undefined,
    reject: (() => void) | undefined,
    info: TcpipBindInfo,
  ): Promise<void> {
    const { loopback } = this.#place;
    const pid = this.#child?.pid;
    if (pid === undefined) return reject?.();
    const port = info.bindPort === 0 ? loopback.ports.freePort() : info.bindPort;
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      this.#connection.forwardOut(info.bindAddr, port, '127.0.0.1', 40_000, (error, channel) => {
        if (error) socket.destroy();
        else join(socket, channel);
      });
    });
    const isBound = await loopback.bind({ port, host: '127.0.0.1', holder: { name: 'sshd', pid }, server });
    if (!isBound) return reject?.();
    if (this.#line.destroyed) loopback.release(pid);
    accept?.(port);
  }

  #unlisten(accept: (() => void) | undefined, info: TcpipBindInfo): void {
    if (this.#child?.pid !== undefined) this.#place.loopback.release(this.#child.pid, info.bindPort);
    accept?.();
  }

  #closed(): void {
    const child = this.#child;
    if (child?.pid === undefined) return;
    this.#place.loopback.release(child.pid);
    child.stdin?.end();
  }
}

const isLoopback = (host: string): boolean => host === '127.0.0.1' || host === 'localhost';

/** Two ends of one TCP connection. */
function join(socket: Socket, channel: ServerChannel): void {
  socket.on('error', () => channel.close());
  channel.on('error', () => socket.destroy());
  channel.on('close', () => socket.destroy());
  socket.on('close', () => channel.end());
  socket.pipe(channel).pipe(socket);
}
