import ssh2, { type Client, type PublicKeyAuthMethod } from 'ssh2';
import { HybridError } from '../../errors.ts';
import type { Endpoint } from '../vast/interface.ts';
import { bounded } from './bounded.ts';
import { HostKeyCheck } from './host-key.ts';
import type { SshTarget } from './interface.ts';
import type { SshKey } from './key.ts';

/** What makes a connection, beside whom it goes to. */
export interface ConnectionSettings {
  readonly username: string;
  readonly key: SshKey;
  /** Real milliseconds between two keepalives; a peer that leaves `keepaliveCountMax` of them unanswered is lost. */
  readonly keepaliveMs: number;
  readonly keepaliveCountMax: number;
}

/** An authenticated connection. */
export interface Connection {
  readonly client: Client;
  readonly hostKey: string;
  /** Resolves once the socket is gone, with ssh2's reason if it has one. */
  readonly closed: Promise<Error | undefined>;
}

/** Opens and authenticates. Throws SSH_UNREACHABLE, SSH_AUTH_REFUSED, SSH_HOST_KEY_CHANGED, ABORTED. */
export async function openConnection(
  target: SshTarget,
  settings: ConnectionSettings,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<Connection> {
  const { endpoint } = target;
  const what = `SSH to ${endpoint.host}:${endpoint.port} (${endpoint.via})`;
  const hostKey = new HostKeyCheck(target.pinnedHostKey);
  const bounds = { ...options, what, timeoutCode: 'SSH_UNREACHABLE' } as const;
  return await bounded<Connection>(bounds, ({ resolve, reject }) => {
    const client = new ssh2.Client();
    let reason: Error | undefined;
    // The listener stays for good: ssh2 may report more than one error, and one without a listener ends the process.
    client.on('error', (error) => {
      reason ??= error;
    });
    const closed = new Promise<Error | undefined>((gone) => {
      client.once('close', () => {
        gone(reason);
        reject(failure(what, reason, hostKey));
      });
    });
    client.once('ready', () => resolve({ client, closed, hostKey: hostKey.seen ?? '' }));
    try {
      connect(client, endpoint, settings, hostKey);
    } catch (error) {
      // An address that cannot be one, such as port 70000.
      reject(failure(what, error instanceof Error ? error : undefined, hostKey));
    }
    return () => client.destroy();
  });
}

function connect(
  client: Client,
  endpoint: Endpoint,
  settings: ConnectionSettings,
  hostKey: HostKeyCheck,
): void {
  const login: PublicKeyAuthMethod = {
    type: 'publickey',
    username: settings.username,
    key: settings.key.parsed,
  };
  client.connect({
    host: endpoint.host,
    port: endpoint.port,
    username: settings.username,
    // `none` is not tried first: some servers count it as a failed attempt.
    authHandler: [login],
    hostVerifier: hostKey.verify,
    // The caller's limit covers everything, name resolution too, which this one does not.
    readyTimeout: 0,
    keepaliveInterval: settings.keepaliveMs,
    keepaliveCountMax: settings.keepaliveCountMax,
    algorithms: { cipher: [...ciphers], compress: ['none'] },
  });
  // With Nagle's algorithm, ssh2's default, every command takes 45 ms longer (measured on loopback).
  client.setNoDelay(true);
}

/** Fastest first. */
const ciphers = [
  'aes128-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes256-ctr',
] as const;

function failure(what: string, reason: Error | undefined, hostKey: HostKeyCheck): HybridError {
  if (hostKey.isChanged) {
    return new HybridError({
      code: 'SSH_HOST_KEY_CHANGED',
      message: `${what}: the host key is ${hostKey.seen}, pinned for this lease is ${hostKey.pinned}`,
    });
  }
  const { level } = (reason ?? {}) as { level?: unknown };
  if (level === 'client-authentication') {
    return new HybridError({ code: 'SSH_AUTH_REFUSED', message: `${what}: the machine refuses the key` });
  }
  const cause = reason?.message ?? 'closed before the login was done';
  return new HybridError({ code: 'SSH_UNREACHABLE', message: `${what}: ${cause}` });
}
