import { describe, expect, it } from 'vitest';
import { connectFirst } from '../../../src/adapters/ssh/index.ts';
import type { Ssh, SshSession, SshTarget } from '../../../src/adapters/ssh/interface.ts';
import type { Endpoint } from '../../../src/adapters/vast/interface.ts';
import { HybridError, type ErrorCode } from '../../../src/errors.ts';

const direct: Endpoint = { via: 'direct', host: '203.0.113.7', port: 40_022 };
const proxy: Endpoint = { via: 'proxy', host: 'ssh4.vast.ai', port: 12_345 };
const options = { timeoutMs: 1_000, signal: new AbortController().signal };

/** Answers each path with a session or with the code given for it, and notes who was tried. */
function sshThat(answers: Record<Endpoint['via'], 'opens' | ErrorCode>): { ssh: Ssh; tried: SshTarget[] } {
  const tried: SshTarget[] = [];
  const ssh: Ssh = {
    publicKey: () => 'ssh-ed25519 AAAA',
    connect: async (target) => {
      tried.push(target);
      const answer = answers[target.endpoint.via];
      if (answer !== 'opens') throw new HybridError({ code: answer, message: target.endpoint.via });
      return { endpoint: target.endpoint } as SshSession;
    },
  };
  return { ssh, tried };
}

describe('the first endpoint that opens', () => {
  it('is the direct one while it works, and its host is never mixed with the port of the other', async () => {
    const { ssh, tried } = sshThat({ direct: 'opens', proxy: 'opens' });
    expect((await connectFirst(ssh, [direct, proxy], options)).endpoint).toEqual(direct);
    const { ssh: broken, tried: all } = sshThat({ direct: 'SSH_UNREACHABLE', proxy: 'SSH_UNREACHABLE' });
    await expect(connectFirst(broken, [direct, proxy], options)).rejects.toBeInstanceOf(HybridError);
    expect([...tried, ...all].map((target) => target.endpoint)).toEqual([direct, direct, proxy]);
  });

  it('is the proxy when the direct path is broken, and the other way round', async () => {
    const viaProxy = sshThat({ direct: 'SSH_UNREACHABLE', proxy: 'opens' });
    expect((await connectFirst(viaProxy.ssh, [direct, proxy], options)).endpoint).toEqual(proxy);
    const viaDirect = sshThat({ direct: 'opens', proxy: 'SSH_AUTH_REFUSED' });
    expect((await connectFirst(viaDirect.ssh, [proxy, direct], options)).endpoint).toEqual(direct);
  });

  it('is the proxy alone while the machine has no mapped port, and nobody while it has no endpoint', async () => {
    const { ssh, tried } = sshThat({ direct: 'opens', proxy: 'opens' });
    expect((await connectFirst(ssh, [proxy], options)).endpoint).toEqual(proxy);
    await expect(connectFirst(ssh, [], options)).rejects.toMatchObject({ code: 'SSH_UNREACHABLE' });
    expect(tried).toHaveLength(1);
  });

  it('begins with the other path in the next round', async () => {
    const { ssh, tried } = sshThat({ direct: 'SSH_UNREACHABLE', proxy: 'SSH_UNREACHABLE' });
    for (const round of [0, 1, 2]) {
      await expect(connectFirst(ssh, [direct, proxy], { ...options, round })).rejects.toBeInstanceOf(
        HybridError,
      );
    }
    expect(tried.map(({ endpoint }) => endpoint.via).join(' ')).toBe(
      'direct proxy proxy direct direct proxy',
    );
  });

  it('fails with what tells most: a refused key over an unreachable path, whichever came first', async () => {
    const last = sshThat({ direct: 'SSH_UNREACHABLE', proxy: 'SSH_AUTH_REFUSED' });
    await expect(connectFirst(last.ssh, [direct, proxy], options)).rejects.toMatchObject({
      code: 'SSH_AUTH_REFUSED',
    });
    const first = sshThat({ direct: 'SSH_AUTH_REFUSED', proxy: 'SSH_UNREACHABLE' });
    await expect(connectFirst(first.ssh, [direct, proxy], options)).rejects.toMatchObject({
      code: 'SSH_AUTH_REFUSED',
    });
  });

  it.each(['SSH_HOST_KEY_CHANGED', 'ABORTED', 'SSH_KEY_UNREADABLE'] as const)(
    'is not looked for any further after %s',
    async (code) => {
      const { ssh, tried } = sshThat({ direct: code, proxy: 'opens' });
      const pinnedHostKey = 'SHA256:x';
      await expect(connectFirst(ssh, [direct, proxy], { ...options, pinnedHostKey })).rejects.toMatchObject({
        code,
      });
      expect(tried).toEqual([{ endpoint: direct, pinnedHostKey }]);
    },
  );
});
