import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { renewCommand } from '../../../src/wiring/machine/dead-man.ts';
import { onstartBytesMax, type OnstartOptions, onstartText } from '../../../src/wiring/machine/onstart.ts';

const options: OnstartOptions = {
  mlnodePort: 18_080,
  startCommand: 'uvicorn api.app:app --no-access-log',
  ttlSeconds: 900,
  stepSeconds: 45,
  retrySeconds: 30,
  vastBaseUrl: 'https://console.vast.ai',
};
const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0;
if (!hasShellcheck) console.warn('SKIPPED: onstart under shellcheck, which is not installed');

describe('the text that a rented machine runs on each start', () => {
  it.skipIf(!hasShellcheck).each([
    ['by itself', options],
    ['with lines of the operator', { ...options, extra: 'export HF_HOME=/data\nmkdir -p /data' }],
  ])('is clean POSIX sh %s', (_name, given) => {
    const checked = spawnSync('shellcheck', ['-s', 'sh', '-'], {
      input: onstartText(given),
      encoding: 'utf8',
    });
    expect([checked.stdout, checked.status]).toEqual(['', 0]);
  });

  it('leaves room for what the operator may add, and is refused beyond the limit of the provider', () => {
    expect(Buffer.byteLength(onstartText({ ...options, extra: 'x'.repeat(1_024) }))).toBeLessThanOrEqual(
      onstartBytesMax,
    );
    const room = onstartBytesMax - Buffer.byteLength(onstartText({ ...options, extra: '' }));
    expect(Buffer.byteLength(onstartText({ ...options, extra: 'x'.repeat(room) }))).toBe(4_096);
    // Bytes count, not characters.
    expect(() => onstartText({ ...options, extra: `${'x'.repeat(room - 1)}é` })).toThrow(
      /VASTAI_ONSTART_SCRIPT/,
    );
    expect(() => onstartText({ ...options, extra: 'x'.repeat(room + 1) })).toThrow(
      /4097 bytes, 4096 are allowed/,
    );
  });
});

describe.each(['/bin/dash', '/bin/bash', '/bin/busybox'].filter(existsSync))('run by %s', (shell) => {
  it('starts the ML node on loopback, once, and again after it ended', async () => {
    const machine = new Container(shell);
    machine.boot();
    await machine.hasLines('started', 1);
    expect(machine.lines('started')).toEqual(['api.app:app --no-access-log --host=127.0.0.1 --port=18080']);
    machine.boot();
    const pid = machine.pid('mlnode');
    machine.boot();
    expect([machine.pid('mlnode'), machine.lines('started').length]).toEqual([pid, 1]);
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), 5_000);
    machine.boot();
    await machine.hasLines('started', 2);
  });

  it('prepares the home directory for sshd, and runs the operator’s lines before the server', async () => {
    const machine = new Container(shell);
    writeFileSync(join(machine.home, '.ssh/authorized_keys'), 'ssh-ed25519 AAAA', { mode: 0o666 });
    machine.boot({ ...options, extra: 'echo prepared > "$HOME/started"' });
    await machine.hasLines('started', 2);
    expect(machine.lines('started')[0]).toBe('prepared');
    const mode = (path: string): string => (statSync(join(machine.home, path)).mode & 0o777).toString(8);
    expect([
      mode('.ssh'),
      mode('.ssh/authorized_keys'),
      existsSync(join(machine.home, '.no_auto_tmux')),
    ]).toEqual(['700', '600', true]);
  });

  it.each([
    [
      'curl',
      '-sS -m 30 -X DELETE -H Authorization: Bearer instance-canary https://console.vast.ai/api/v0/instances/4711/',
    ],
    [
      'wget',
      '-q -O - -T 30 --method=DELETE --header=Authorization: Bearer instance-canary https://console.vast.ai/api/v0/instances/4711/',
    ],
    [
      'python3',
      /https:\/\/console\.vast\.ai\/api\/v0\/instances\/4711\/ Authorization: Bearer instance-canary$/,
    ],
  ])('destroys its own instance when its time is over, with %s, again and again', async (tool, call) => {
    const machine = new Container(shell, tool);
    machine.boot(shortLived);
    await machine.hasLines('called', 2);
    for (const line of machine.lines('called').slice(0, 2)) expect(line).toMatch(call);
    // Looks first, then pauses between tries.
    expect(machine.lines('slept')[0]).toBe('45');
    expect(machine.lines('slept').at(-1)).toBe('30');
    const pid = machine.pid('deadman');
    machine.boot(shortLived);
    expect(machine.pid('deadman')).toBe(pid);
  });

  it('lives on for as long as its life is renewed, and no longer', async () => {
    const machine = new Container(shell);
    machine.boot({ ...shortLived, ttlSeconds: 2 });
    const began = performance.now();
    // Longer than a life; each renewal is the daemon's own command.
    while (performance.now() - began < 3_000) {
      machine.renew();
      await machine.hasLines('slept', machine.lines('slept').length + 1);
    }
    expect(machine.lines('called')).toEqual([]);
    await machine.hasLines('called', 1);
  });

  it('is armed again after a restart, although its former process number belongs to another program now', async () => {
    const machine = new Container(shell);
    mkdirSync(join(machine.home, '.ghm'), { recursive: true });
    writeFileSync(join(machine.home, '.ghm/deadman.pid'), `${process.pid}\n`);
    machine.boot(shortLived);
    expect(machine.pid('deadman')).not.toBe(process.pid);
    await machine.hasLines('called', 1);
  });
});

/** One second to live; the container's `sleep` ends at once, so that it looks all the time. */
const shortLived: OnstartOptions = { ...options, ttlSeconds: 1 };

/** A bare container: a HOME of its own and no program but those that it is given. */
class Container {
  readonly home = mkdtempSync(join(tmpdir(), 'hybrid-onstart-'));
  readonly #bin = join(this.home, 'bin');
  readonly #shell: string;

  constructor(shell: string, destroyTool = 'curl') {
    this.#shell = shell;
    onTestFinished(() => this.#end());
    mkdirSync(this.#bin);
    mkdirSync(join(this.home, '.ssh'));
    for (const tool of ['mkdir', 'chmod', 'touch', 'cat', 'nohup', 'grep']) {
      symlinkSync(
        execFileSync('/bin/sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(),
        join(this.#bin, tool),
      );
    }
    this.#program('sh', `exec ${this.#command()} "$@"`);
    this.#program('uvicorn', 'echo "$*" >> "$HOME/started"; exec /bin/sleep 60');
    // A pause is over at once, but for the moment in which the test looks.
    this.#program('sleep', 'echo "$*" >> "$HOME/slept"; exec /bin/sleep 0.05');
    this.#program(destroyTool, 'echo "$*" | tr "\\n" " " >> "$HOME/called"; echo >> "$HOME/called"');
    symlinkSync('/usr/bin/tr', join(this.#bin, 'tr'));
  }

  boot(given = options): void {
    const [program = '', ...args] = this.#command().split(' ');
    execFileSync(program, [...args, '-c', onstartText(given)], {
      env: { HOME: this.home, PATH: this.#bin, CONTAINER_ID: '4711', CONTAINER_API_KEY: 'instance-canary' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  /** What the daemon runs over SSH. */
  renew(): void {
    const [program = '', ...args] = this.#command().split(' ');
    execFileSync(program, [...args, '-c', renewCommand], { env: { HOME: this.home, PATH: this.#bin } });
  }

  lines(name: string): string[] {
    const path = join(this.home, name);
    return existsSync(path)
      ? readFileSync(path, 'utf8')
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean)
      : [];
  }

  async hasLines(name: string, count: number): Promise<void> {
    await vi.waitFor(() => expect(this.lines(name).length).toBeGreaterThanOrEqual(count), 5_000);
  }

  pid(name: 'mlnode' | 'deadman'): number {
    return Number(readFileSync(join(this.home, `.ghm/${name}.pid`), 'utf8'));
  }

  #command(): string {
    return this.#shell.endsWith('busybox') ? `${this.#shell} sh` : this.#shell;
  }

  #program(name: string, line: string): void {
    const path = join(this.#bin, name);
    writeFileSync(path, `#!/bin/sh\n${line}\n`);
    chmodSync(path, 0o755);
  }

  #end(): void {
    for (const name of ['mlnode', 'deadman'] as const) {
      try {
        process.kill(this.pid(name), 'SIGKILL');
      } catch {
        // It never started, or ended before.
      }
    }
    rmSync(this.home, { recursive: true, force: true, maxRetries: 3 });
  }
}
