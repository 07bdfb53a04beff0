import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createSsh } from '../../src/adapters/ssh/index.ts';
import { serveMachine } from '../../src/sandbox/machine.ts';
import { limits } from '../contract/ssh-bench.ts';
import { sshContract } from '../contract/ssh-contract.ts';
import { makeSshKeys } from '../support/ssh-keys.ts';
import type { SshMachine } from '../support/ssh-machine.ts';
import { ed25519, login, machineStart } from './machine-client.ts';

/** The daemon's own SSH suite, on a machine of the sandbox in place of a real sshd. */
describe('the daemon on a machine of the sandbox', () => sshContract(startMachine));

async function startMachine(keys: readonly string[]): Promise<SshMachine> {
  const start = machineStart({ authorizedKeys: [...keys, ed25519.public] });
  const served = await serveMachine({ port: 0, speed: 1, originMs: Date.now(), ...start });
  const { client, hostKey } = await login(served.directPort);
  client.destroy();
  const digest = createHash('sha256').update(Buffer.from(hostKey, 'base64')).digest('base64');
  return {
    port: served.directPort,
    username: 'root',
    hostKey: `SHA256:${digest.replace(/=+$/, '')}`,
    close: () => served.close(),
  };
}

test('the daemon binds its callback port again after the machine froze without FIN', async () => {
  const keys = makeSshKeys();
  const start = machineStart({ authorizedKeys: keys.authorized });
  const served = await serveMachine({ port: 0, speed: 1, originMs: Date.now(), ...start });
  const freeze = (value: number) =>
    fetch(`http://127.0.0.1:${served.port}/sandbox/faults`, {
      method: 'POST',
      body: JSON.stringify({ name: 'frozen', value }),
    });
  try {
    const ssh = createSsh({
      keyPath: keys.ed25519,
      username: 'root',
      keepaliveMs: 100,
      keepaliveCountMax: 2,
    });
    const target = { endpoint: { via: 'direct', host: '127.0.0.1', port: served.directPort } } as const;
    const { signal } = limits();
    const lost = await ssh.connect(target, limits());
    await lost.reverse(9_400, async () => ({ status: 200, body: 'lost' }), signal);
    await freeze(1);
    expect(await lost.closed).toBeInstanceOf(Error);
    await freeze(0);
    const next = await ssh.connect(target, limits());
    await next.reverse(9_400, async () => ({ status: 200, body: 'next' }), signal);
    const { stdout } = await next.exec('curl -s -d x http://127.0.0.1:9400/', limits());
    expect(stdout).toBe('next');
    next.close();
    await next.closed;
  } finally {
    await served.close();
    keys.remove();
  }
});
