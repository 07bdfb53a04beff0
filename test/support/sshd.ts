import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fingerprint } from '../../src/adapters/ssh/host-key.ts';
import { freePort } from '../../src/sandbox/free-port.ts';
import { makeEd25519Key } from '../../src/sandbox/ed25519-key.ts';
import type { SshMachine } from './ssh-machine.ts';

/** Path of OpenSSH's server; undefined when it is not installed. */
export const sshdPath = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find(existsSync);

export interface Sshd extends SshMachine {
  /** Process numbers of the children that serve connections. */
  children(): readonly number[];
}

/** A throw-away sshd of the current user on a loopback port, with a host key and a configuration of its own. */
export async function startSshd(authorizedKeys: readonly string[]): Promise<Sshd> {
  if (sshdPath === undefined) throw new Error('sshd is not installed');
  const directory = mkdtempSync(join(tmpdir(), 'hybrid-mlnode-sshd-'));
  // The directory that a root sshd demands; a package makes it only together with its service.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const hostKey = makeEd25519Key();
  writeFileSync(join(directory, 'host_key'), hostKey.private, { mode: 0o600 });
  writeFileSync(join(directory, 'authorized_keys'), `${authorizedKeys.join('\n')}\n`, { mode: 0o600 });
  const { server, port } = await launch(sshdPath, directory);
  const children = (): readonly number[] => childrenOf(server.pid ?? 0);
  return {
    port,
    username: userInfo().username,
    hostKey: fingerprint(Buffer.from(hostKey.public.split(' ')[1] ?? '', 'base64')),
    children,
    close: async () => {
      for (const pid of children()) end(pid);
      server.kill('SIGKILL');
      if (server.exitCode === null && server.signalCode === null) {
        await new Promise((resolve) => server.once('exit', resolve));
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Another program may take the free port before sshd does; then the next one is tried. */
async function launch(path: string, directory: string): Promise<{ server: ChildProcess; port: number }> {
  const config = join(directory, 'config');
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    writeFileSync(config, configuration(directory, port));
    const server = spawn(path, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    try {
      await listening(server);
      return { server, port };
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

function configuration(directory: string, port: number): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(directory, 'host_key')}`,
    `AuthorizedKeysFile ${join(directory, 'authorized_keys')}`,
    'PidFile none',
    'UsePAM no',
    // The keys lie below a world-writable directory.
    'StrictModes no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'AllowTcpForwarding yes',
    'MaxStartups 100',
    'LogLevel VERBOSE',
    '',
  ].join('\n');
}

function listening(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    server.stderr?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-10_000);
      if (log.includes('Server listening on')) resolve();
    });
    server.once('exit', (code) => reject(new Error(`sshd ended with ${code}: ${log}`)));
  });
}

function childrenOf(pid: number): readonly number[] {
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return list.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
