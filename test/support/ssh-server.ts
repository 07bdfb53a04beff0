import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { fingerprint } from '../../src/adapters/ssh/host-key.ts';
import { makeEd25519Key } from '../../src/sandbox/ed25519-key.ts';
import type { SshMachine } from './ssh-machine.ts';

/** Who holds a forwarded port, its listener, and the connections taken there. */
type Bound = Map<number, { holder: Connection; listener: Server; sockets: Set<Socket> }>;

/**
 * An SSH server in this process, with the login noise of a rented machine. As in sshd, a connection that is never
 * closed keeps its listeners. It has no children whose end would free a port, so the release command, known by its
 * first line, ends the connection that holds it.
 */
export async function startSshServer(authorizedKeys: readonly string[]): Promise<SshMachine> {
  const hostKey = makeEd25519Key();
  const bound: Bound = new Map();
  const open = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (connection) => {
    open.add(connection);
    connection.on('error', () => undefined);
    connection.on('close', () => {
      open.delete(connection);
      for (const [port, { holder }] of bound) if (holder === connection) unbind(bound, port);
    });
    authenticate(connection, authorizedKeys);
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) =>
        run(acceptExec(), command, connection, bound),
      );
    });
    connection.on('tcpip', (accept, reject, { destIP, destPort }) => {
      const socket = connect(destPort, destIP);
      socket.once('error', () => reject());
      socket.once('connect', () => {
        const channel = accept();
        channel.on('error', () => undefined);
        socket.removeAllListeners('error').on('error', () => channel.close());
        channel.pipe(socket).pipe(channel);
      });
    });
    connection.on('request', (accept, reject, name, info) => {
      if (name !== 'tcpip-forward') return reject?.();
      bind(connection, info.bindPort, bound).then(
        () => accept?.(),
        () => reject?.(),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    username: 'root',
    hostKey: fingerprint(Buffer.from(hostKey.public.split(' ')[1] ?? '', 'base64')),
    close: async () => {
      for (const connection of open) connection.end();
      for (const port of bound.keys()) unbind(bound, port);
      server.close();
    },
  };
}

function authenticate(connection: Connection, authorizedKeys: readonly string[]): void {
  connection.on('authentication', (context) => {
    if (context.method !== 'publickey') return context.reject(['publickey']);
    const { key, blob, signature, hashAlgo } = context;
    const known = authorizedKeys
      .map((line) => ssh2.utils.parseKey(line))
      .find((candidate) => !(candidate instanceof Error) && candidate.getPublicSSH().equals(key.data));
    if (known === undefined || known instanceof Error) return context.reject(['publickey']);
    // A signature comes only with the second request; ssh2's verify gives an Error where its types say boolean.
    const isProven: unknown = blob && signature ? known.verify(blob, signature, hashAlgo) : true;
    if (isProven === true) context.accept();
    else context.reject();
  });
}

function run(channel: ServerChannel, command: string, connection: Connection, bound: Bound): void {
  channel.on('error', () => undefined);
  channel.write('Welcome to your rented machine. Have fun!\n');
  const asked = /^# hybrid-mlnode: release-port (\d+)$/m.exec(command);
  if (asked !== null) {
    channel.write(`hybrid-mlnode: port ${releasePort(Number(asked[1]), connection, bound)}\n`);
    channel.exit(0);
    channel.end();
    return;
  }
  // sshd makes the command a session of its own too.
  const child = spawn('sh', ['-c', command], { detached: true });
  child.stdout.on('data', (chunk: Buffer) => channel.write(chunk));
  child.stderr.on('data', (chunk: Buffer) => channel.stderr.write(chunk));
  child.on('exit', (code, signal) => {
    if (code !== null) channel.exit(code);
    else channel.exit((signal ?? 'SIGKILL').replace('SIG', ''));
  });
  // Later than the exit when a child in the background keeps the output.
  child.on('close', () => channel.end());
}

function releasePort(port: number, connection: Connection, bound: Bound): string {
  const entry = bound.get(port);
  if (entry === undefined) return 'foreign';
  if (entry.holder === connection) return 'own';
  unbind(bound, port);
  entry.holder.end();
  return 'released';
}

async function bind(holder: Connection, port: number, bound: Bound): Promise<void> {
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    holder.forwardOut('127.0.0.1', port, '127.0.0.1', socket.remotePort ?? 0, (error, channel) => {
      if (error) {
        socket.destroy();
        return;
      }
      channel.on('error', () => undefined).on('close', () => socket.destroy());
      socket.pipe(channel).pipe(socket);
    });
  });
  listener.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  bound.set(port, { holder, listener, sockets });
}

function unbind(bound: Bound, port: number): void {
  const entry = bound.get(port);
  bound.delete(port);
  entry?.listener.close();
  for (const socket of entry?.sockets ?? []) socket.destroy();
}
