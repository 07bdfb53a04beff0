import { makeEd25519Key } from '../../src/sandbox/ed25519-key.ts';
import { createServer, request, type IncomingMessage } from 'node:http';
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from 'ssh2';
import type { MachineStart } from '../../src/sandbox/machine-start.ts';

export const ed25519 = makeEd25519Key();
export const rsa = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 });

export const containerApiKey = 'container-key-of-4711';

/** A machine that is quick: every delay is a few world milliseconds. */
export function machineStart(more: Partial<MachineStart> = {}): MachineStart {
  return {
    instanceId: 4711,
    containerApiKey,
    label: 'ghm:test:lease:1',
    image: 'ghcr.io/example/mlnode:1',
    gpuName: 'RTX 4090',
    gpuCount: 2,
    gpuRamMb: 24_564,
    env: {},
    onstart: '',
    authorizedKeys: [ed25519.public, rsa.public],
    publishedPorts: [8080],
    sshOpenMs: 0,
    authLateMs: 0,
    mlnodeStartMs: 10,
    modelLoadMs: 10,
    ...more,
  };
}

export interface Login {
  readonly client: Client;
  readonly hostKey: string;
  readonly banner: string;
  readonly closed: Promise<Error | undefined>;
}

export async function login(port: number, more: Partial<ConnectConfig> = {}): Promise<Login> {
  const client = new ssh2.Client();
  let hostKey = '';
  let banner = '';
  let failure: Error | undefined;
  client.on('error', (error) => (failure = error));
  client.on('banner', (text) => (banner = text));
  const closed = new Promise<Error | undefined>((resolve) => client.on('close', () => resolve(failure)));
  const ready = new Promise<void>((resolve) => client.on('ready', () => resolve()));
  client.connect({
    host: '127.0.0.1',
    port,
    username: 'root',
    privateKey: ed25519.private,
    readyTimeout: 5_000,
    hostVerifier: (key: Buffer) => {
      hostKey = key.toString('base64');
      return true;
    },
    ...more,
  });
  const lost = closed.then((error) => {
    throw error ?? new Error('closed before the login was complete');
  });
  await Promise.race([ready, lost]);
  lost.catch(() => undefined);
  client.setNoDelay(true);
  return { client, hostKey, banner, closed };
}

export interface CommandOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function exec(client: Client, command: string): Promise<CommandOutcome> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      let code: number | null = null;
      let stdout = '';
      let stderr = '';
      channel.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
      channel.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
      channel.on('exit', (status: number | null) => (code = status));
      channel.on('close', () => resolve({ code, stdout, stderr }));
    });
  });
}

export function openChannel(client: Client, port: number): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, '127.0.0.1', port, (error, channel) => {
      if (error) reject(error);
      else resolve(channel);
    });
  });
}

/** GET through a forwarded channel. */
export async function get(
  client: Client,
  port: number,
  path: string,
): Promise<{ status: number; body: string }> {
  const channel = await openChannel(client, port);
  return new Promise((resolve, reject) => {
    const outgoing = request({ path, host: 'machine', createConnection: () => channel });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming: IncomingMessage) => {
      let body = '';
      incoming.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body }));
    });
    outgoing.end();
  });
}

export interface Posted {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** Binds a port on the machine; requests posted there are answered 200 and handed over. */
export async function reverse(
  client: Client,
  port: number,
  received: (posted: Posted) => void,
): Promise<void> {
  const server = createServer((incoming, outgoing) => {
    let body = '';
    incoming.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    incoming.on('end', () => {
      received({ method: incoming.method ?? '', path: incoming.url ?? '', body });
      outgoing.end('taken');
    });
  });
  client.on('tcp connection', (_, accept) => server.emit('connection', accept()));
  await new Promise<void>((resolve, reject) => {
    client.forwardIn('127.0.0.1', port, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Looks again every few milliseconds until something is there; the test's own limit ends it. */
export async function eventually<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
