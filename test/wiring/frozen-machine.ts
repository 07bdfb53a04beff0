import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { createSsh, type Ssh, type SshSession } from '../../src/adapters/ssh/index.ts';
import { serveNeighbour, type ServedNeighbour } from '../../src/sandbox/http-neighbour.ts';
import { httpOutbound } from '../../src/sandbox/outbound.ts';
import { ScaledClock } from '../../src/sandbox/scaled-clock.ts';
import type { WorldRequest } from '../../src/world/exchange.ts';
import type { CallbackEntry } from '../../src/world/machine/mlnode-books.ts';
import { MlnodeWorld } from '../../src/world/machine/mlnode.ts';
import { runCommand } from '../../src/world/machine/machine-commands.ts';
import { Random } from '../../src/world/random.ts';
import type { MachineHost } from '../../src/world/vast/machine-host.ts';
import { type FreezingProxy, startFreezingProxy } from '../support/freezing-proxy.ts';
import { makeSshKeys, type SshKeys } from '../support/ssh-keys.ts';
import { type Sshd, startSshd } from '../support/sshd.ts';

const gpus = [{ name: 'H100 SXM', ramMb: 81_559 }];

export interface PocBooks {
  readonly modelLoads: number;
  readonly initBodies: number;
  readonly noncesComputed: number;
  readonly validationsDone: number;
  readonly callbacks: readonly CallbackEntry[];
}

/**
 * A rented machine whose SSH is a real sshd behind a network that can freeze, and whose ML node stands on this host's
 * own loopback: sshd forwards to it, and it posts to whatever sshd listens on.
 */
export interface FrozenMachine {
  readonly host: MachineHost;
  /** The port that the ML node listens on. */
  readonly mlnodePort: number;
  readonly ssh: Ssh;
  readonly keyPath: string;
  readonly network: FreezingProxy;
  /** What the ML node was asked, in order. */
  readonly asked: readonly WorldRequest[];
  poc(): PocBooks;
  close(): Promise<void>;
}

export async function startFrozenMachine(time: { originMs: number; speed: number }): Promise<FrozenMachine> {
  const keys: SshKeys = makeSshKeys();
  const sshd: Sshd = await startSshd(keys.authorized);
  const network = await startFreezingProxy(sshd.port);
  const world = new MlnodeWorld({
    clock: new ScaledClock(time),
    random: new Random(3),
    gpus,
    modelLoadMs: 5_000,
    noncesPerMinutePerGroup: 60,
    // As `requests` does it: a connection of its own for each post, and no limit.
    post: httpOutbound(new Agent({ keepAlive: false })),
  });
  const asked: WorldRequest[] = [];
  const mlnode: ServedNeighbour = await serveNeighbour(world, {
    port: 0,
    control: async (request) => void asked.push(request),
  });
  const ssh = createSsh({
    keyPath: keys.ed25519,
    username: sshd.username,
    keepaliveMs: 200,
    keepaliveCountMax: 3,
  });
  return {
    host: {
      start: async () => ({ sshPort: network.port, directPort: network.port }),
      attachKey: async () => {},
      stop: async () => undefined,
      books: async () => [],
    },
    mlnodePort: mlnode.port,
    ssh: {
      publicKey: () => ssh.publicKey(),
      connect: async (...target) => withGpus(await ssh.connect(...target)),
    },
    keyPath: keys.ed25519,
    network,
    asked,
    poc: () => (world.books()['pocs'] as PocBooks[])[0]!,
    close: async () => {
      await mlnode.close();
      network.close();
      await sshd.close();
      keys.remove();
    },
  };
}

/** The session as it is, but that this host shows the GPUs which it has not. */
function withGpus(session: SshSession): SshSession {
  return {
    hostKey: session.hostKey,
    endpoint: session.endpoint,
    closed: session.closed,
    exec: async (command, options) =>
      command.includes('nvidia-smi')
        ? runCommand(command, { gpus, isGpuBroken: false, pulse: () => undefined, kill: () => false })
        : session.exec(command, options),
    transport: (port) => session.transport(port),
    reverse: (port, receiver, signal) => session.reverse(port, receiver, signal),
    close: () => session.close(),
  };
}

/** Inode of the socket that listens on a loopback port of this host; undefined when none does. */
export function listenerOn(port: number): string | undefined {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find((columns) => columns[1] === local && columns[3] === '0A')?.[9];
}
