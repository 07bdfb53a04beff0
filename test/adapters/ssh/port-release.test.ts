import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { portReleaseCommand, portVerdict } from '../../../src/adapters/ssh/port-release.ts';
import { processEndCommand } from '../../../src/adapters/ssh/process-end.ts';
import { limits, SshBench } from '../../contract/ssh-bench.ts';
import { freePort } from '../../../src/sandbox/free-port.ts';
import { sshdPath, startSshd, type Sshd } from '../../support/sshd.ts';

const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0;
if (!hasShellcheck) console.warn('SKIPPED: shell commands under shellcheck, which is not installed');
if (sshdPath === undefined)
  console.warn('SKIPPED: the release of ports on a real sshd, which is not installed');

describe('the shell commands that a machine is sent', () => {
  it.skipIf(!hasShellcheck).each([
    ['releasing a port', portReleaseCommand(18_081)],
    ['ending a process', processEndCommand(4_711)],
  ])('are clean POSIX sh: %s', (_name, command) => {
    const { stdout, status } = spawnSync('shellcheck', ['-s', 'sh', '-'], {
      input: command,
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  it('name the port in a first line by which a simulated machine knows them', () => {
    expect(portReleaseCommand(18_081).split('\n')[0]).toBe('# hybrid-mlnode: release-port 18081');
  });

  const shells = ['/bin/dash', '/bin/bash', '/bin/busybox'].filter(existsSync);
  it.each(shells)('see a free port and a port of a foreign program in %s, and harm nobody', async (shell) => {
    const run = (port: number): string => {
      const before = shell.endsWith('busybox') ? ['sh', '-c'] : ['-c'];
      return execFileSync(shell, [...before, portReleaseCommand(port)], { encoding: 'utf8' });
    };
    const foreign = createServer();
    foreign.listen(0, '127.0.0.1');
    await once(foreign, 'listening');
    // Somebody else's sshd that runs beside may be the holder for all that an ordinary user can see.
    const verdicts = process.getuid?.() === 0 ? ['foreign'] : ['foreign', 'hidden'];
    expect(verdicts).toContain(portVerdict(run((foreign.address() as AddressInfo).port)));
    expect(foreign.listening).toBe(true);
    foreign.close();
    expect(portVerdict(run(await freePort()))).toBe('free');
  });

  it('have no verdict when their output lacks one', () => {
    expect(portVerdict('Welcome!\nsh: syntax error\n')).toBe('unknown');
    expect(portVerdict('Welcome!\nhybrid-mlnode: port released\n')).toBe('released');
  });
});

describe.skipIf(sshdPath === undefined)('on a real sshd', () => {
  let sshd: Sshd | undefined;
  const bench = new SshBench(async (authorizedKeys) => {
    sshd = await startSshd(authorizedKeys);
    return sshd;
  });
  const receiver = async () => ({ status: 200, body: '' });

  it('spares the connection that asks, even when it is the holder', async () => {
    const session = await bench.session();
    const port = await freePort();
    await session.reverse(port, receiver, new AbortController().signal);
    const { stdout } = await session.exec(portReleaseCommand(port), limits());
    expect(portVerdict(stdout)).toBe('own');
    expect((await session.exec('echo alive', limits())).stdout).toBe('alive\n');
  });

  it('ends even a holder that is stopped, and takes its port over', async () => {
    const { signal } = new AbortController();
    const bystander = await bench.session();
    const others = new Set(sshd?.children());
    const holder = await bench.session();
    const stopped = sshd?.children().find((pid) => !others.has(pid));
    const port = await freePort();
    await holder.reverse(port, receiver, signal);
    process.kill(stopped ?? 0, 'SIGSTOP');
    const next = await bench.session();
    await next.reverse(port, async () => ({ status: 202, body: '' }), signal);
    expect((await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'x' })).status).toBe(202);
    expect(await holder.closed).toMatchObject({ code: 'SSH_LOST' });
    expect((await bystander.exec('echo unharmed', limits())).stdout).toBe('unharmed\n');
  });
});
