import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'ssh2';
import { HybridError } from '../../errors.ts';
import { bounded } from './bounded.ts';
import { execCommand } from './exec.ts';
import { portReleaseCommand, portVerdict, type PortVerdict } from './port-release.ts';

/** Binds before the port counts as busy; between them its holder is ended. */
const bindsMax = 6;
/** Wait before the second bind; doubles each time. Real milliseconds. */
const firstPauseMs = 100;
const bindTimeoutMs = 10_000;
/** The release waits up to 2 s for SIGTERM and 2 s for SIGKILL. */
const releaseTimeoutMs = 15_000;

/**
 * Binds `127.0.0.1:port` on the machine through this connection, and ends the sshd child of a lost connection that
 * still holds it. Throws SSH_PORT_BUSY, SSH_LOST, ABORTED.
 */
export async function bindOnMachine(
  client: Client,
  where: string,
  port: number,
  signal: AbortSignal,
): Promise<void> {
  let verdict: PortVerdict = 'unknown';
  for (let bind = 1; bind <= bindsMax; bind += 1) {
    if (await tryBind(client, where, port, signal)) return;
    verdict = await release(client, where, port, signal);
    if (hopeless.has(verdict)) break;
    // After a release the port is free at this moment; anything else is given time.
    if (verdict !== 'released') await wait(firstPauseMs * 2 ** (bind - 1), where, signal);
  }
  throw new HybridError({
    code: 'SSH_PORT_BUSY',
    message: `${where} does not give port ${port}: ${reasons[verdict]}`,
    port,
    verdict,
  });
}

/** Asking again changes nothing. */
const hopeless: ReadonlySet<PortVerdict> = new Set<PortVerdict>(['foreign', 'own', 'hidden']);

const reasons: Record<PortVerdict, string> = {
  free: 'nobody holds it, so its sshd refuses forwarding',
  released: 'it is taken again each time after its holder was ended',
  own: 'this connection holds it already',
  foreign: 'a program that is no sshd listens there',
  hidden: 'its holder cannot be seen; log in as root',
  stuck: 'the sshd child that holds it cannot be ended',
  unknown: 'its holder could not be found',
};

/** False = the machine refused. */
async function tryBind(client: Client, where: string, port: number, signal: AbortSignal): Promise<boolean> {
  const bounds = {
    what: `binding port ${port} on ${where}`,
    timeoutMs: bindTimeoutMs,
    timeoutCode: 'SSH_LOST',
    signal,
  } as const;
  return await bounded<boolean>(bounds, ({ resolve, reject }) => {
    let isGivenUp = false;
    const lost = (cause: unknown): void => {
      const message = cause instanceof Error ? cause.message : String(cause);
      reject(new HybridError({ code: 'SSH_LOST', message: `${bounds.what}: ${message}` }));
    };
    try {
      client.forwardIn('127.0.0.1', port, (error) => {
        if (!error) {
          if (isGivenUp) unbindOnMachine(client, port);
          resolve(true);
        } else if (error.message.startsWith('Unable to bind')) resolve(false);
        else lost(error);
      });
    } catch (error) {
      lost(error);
    }
    return () => {
      isGivenUp = true;
    };
  });
}

/** Gives the port back; a connection that is gone has given it back already, or holds it until it is released. */
function unbindOnMachine(client: Client, port: number): void {
  try {
    client.unforwardIn('127.0.0.1', port, () => undefined);
  } catch {
    // Not connected any more.
  }
}

async function release(
  client: Client,
  where: string,
  port: number,
  signal: AbortSignal,
): Promise<PortVerdict> {
  const options = { timeoutMs: releaseTimeoutMs, signal };
  const { stdout } = await execCommand(client, where, portReleaseCommand(port), options);
  return portVerdict(stdout);
}

async function wait(ms: number, where: string, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => {
    throw new HybridError({ code: 'ABORTED', message: `binding a port on ${where}: abandoned` });
  });
}
