import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startFreezingProxy } from '../support/freezing-proxy.ts';
import { freePort } from '../../src/sandbox/free-port.ts';
import { limits, SshBench, type SetUp } from './ssh-bench.ts';

/** Login and commands. */
export function sshContract(setUp: SetUp): void {
  const bench = new SshBench(setUp);
  const at = (port: number) => ({ via: 'direct', host: '127.0.0.1', port }) as const;

  describe('login', () => {
    it.each(['ed25519', 'rsa'] as const)('takes an %s key and reports the host key', async (key) => {
      const session = await bench.ssh(key).connect({ endpoint: at(bench.machine.port) }, limits());
      expect(session.hostKey).toBe(bench.machine.hostKey);
      session.close();
      expect(await session.closed).toBeUndefined();
    });

    it('refuses nobody whose host key is the pinned one', async () => {
      const session = await bench.session(bench.machine.port, bench.machine.hostKey);
      expect(session.hostKey).toBe(bench.machine.hostKey);
    });

    it('calls a machine with another host key lost', async () => {
      const pinned = `SHA256:${'A'.repeat(43)}`;
      const attempt = bench.session(bench.machine.port, pinned);
      await expect(attempt).rejects.toMatchObject({ code: 'SSH_HOST_KEY_CHANGED', class: 'terminal' });
    });

    it('says that a key is refused', async () => {
      const attempt = bench.ssh('stranger').connect({ endpoint: at(bench.machine.port) }, limits());
      await expect(attempt).rejects.toMatchObject({ code: 'SSH_AUTH_REFUSED', class: 'retryable' });
    });

    it('says that nobody listens', async () => {
      const attempt = bench.ssh().connect({ endpoint: at(await freePort()) }, limits());
      await expect(attempt).rejects.toMatchObject({ code: 'SSH_UNREACHABLE' });
      const nonsense = bench.ssh().connect({ endpoint: at(70_000) }, limits());
      await expect(nonsense).rejects.toMatchObject({ code: 'SSH_UNREACHABLE' });
    });

    it('gives a mute server up at its limit, and at once when the caller does, without leaving a socket', async () => {
      const taken: Socket[] = [];
      const mute = createServer((socket) => taken.push(socket.resume()));
      mute.listen(0, '127.0.0.1');
      await once(mute, 'listening');
      const endpoint = at((mute.address() as AddressInfo).port);
      await expect(bench.ssh().connect({ endpoint }, limits(150))).rejects.toMatchObject({
        code: 'SSH_UNREACHABLE',
      });
      const caller = new AbortController();
      const attempt = bench.ssh().connect({ endpoint }, { timeoutMs: 20_000, signal: caller.signal });
      const [socket] = (await once(mute, 'connection')) as [Socket];
      caller.abort();
      await expect(attempt).rejects.toMatchObject({ code: 'ABORTED' });
      if (!socket.closed) await once(socket, 'close');
      mute.close();
      await once(mute, 'close');
      expect(taken).toHaveLength(2);
    });

    it('survives a server that hangs up before its greeting', async () => {
      const rude = createServer((socket) => socket.destroy());
      rude.listen(0, '127.0.0.1');
      await once(rude, 'listening');
      const attempt = bench.ssh().connect({ endpoint: at((rude.address() as AddressInfo).port) }, limits());
      await expect(attempt).rejects.toMatchObject({ code: 'SSH_UNREACHABLE' });
      rude.close();
    });
  });

  describe('a command', () => {
    it('gives exit code, output and errors apart, without the login noise', async () => {
      const session = await bench.session();
      const result = await session.exec("printf 'one\\ntwo'; printf 'oops\\n' >&2; exit 3", limits());
      expect(result).toEqual({ exitCode: 3, stdout: 'one\ntwo', stderr: 'oops\n' });
    });

    it('counts a death by signal as a shell does', async () => {
      const session = await bench.session();
      const { exitCode } = await session.exec('kill -TERM $$', limits());
      expect(exitCode).toBe(128 + 15);
    });

    it('keeps the first 64 kB of a flood', async () => {
      const session = await bench.session();
      const flood = 'head -c 3000000 /dev/zero | tr "\\0" x';
      const { stdout, stderr, exitCode } = await session.exec(`${flood}; { ${flood}; } >&2`, limits());
      expect([exitCode, stdout.length, stderr.length]).toEqual([0, 65_536, 65_536]);
    });

    it('does not wait for a child in the background that kept the output', async () => {
      const session = await bench.session();
      const { exitCode, stdout } = await session.exec('sleep 30 & echo $!', limits());
      expect(exitCode).toBe(0);
      process.kill(Number(stdout), 'SIGKILL');
    });

    it('is ended on the machine at its limit', async () => {
      const session = await bench.session();
      const mark = `${1_000 + Math.random()}`;
      await expect(session.exec(`echo; sleep ${mark}`, limits(300))).rejects.toMatchObject({
        code: 'WIRE_TIMEOUT',
      });
      const look = `while grep -qsa '^sleep.${mark}' /proc/[0-9]*/cmdline; do sleep 0.05; done; echo gone`;
      expect((await session.exec(look, limits())).stdout).toBe('gone\n');
    });

    it('is abandoned at once when the caller gives up', async () => {
      const session = await bench.session();
      const caller = new AbortController();
      const run = session.exec('sleep 20', { timeoutMs: 20_000, signal: caller.signal });
      caller.abort();
      await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
    });

    it('that loses its connection has not succeeded', async () => {
      const proxy = await startFreezingProxy(bench.machine.port);
      const session = await bench.session(proxy.port);
      const run = session.exec('sleep 5', limits());
      setImmediate(() => proxy.cut());
      await expect(run).rejects.toMatchObject({ code: 'SSH_LOST', class: 'retryable' });
      expect(await session.closed).toMatchObject({ code: 'SSH_LOST' });
      await expect(session.exec('true', limits())).rejects.toMatchObject({ code: 'SSH_LOST' });
      proxy.close();
    });

    it('frozen together with its machine is lost by keepalive', async () => {
      const proxy = await startFreezingProxy(bench.machine.port);
      const session = await bench.session(proxy.port);
      const run = session.exec('sleep 5', limits(10_000));
      proxy.freeze();
      await expect(run).rejects.toMatchObject({ code: 'SSH_LOST' });
      expect(await session.closed).toMatchObject({ code: 'SSH_LOST' });
      proxy.close();
    });
  });
}
