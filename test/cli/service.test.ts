import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { saveDeployment } from '../../src/cli/saved-deployment.ts';
import { createServiceManager } from '../../src/cli/service-manager.ts';
import { unitText } from '../../src/cli/service.ts';
import { capturedIo } from './captured-io.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hybrid-service-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const has = (program: string): boolean => {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

describe('the unit', () => {
  it('runs this very program, keeps machines over a restart, and is watched', () => {
    const unit = unitText();
    const [, command = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    expect(command).toMatch(/\/bin\/hybrid-mlnode\.js start --keep/);
    expect(command.startsWith(process.execPath)).toBe(true);
    for (const line of [
      'Type=notify',
      'NotifyAccess=all',
      'WatchdogSec=60',
      'Restart=on-failure',
      'User=hybrid-mlnode',
    ])
      expect(unit).toContain(`${line}\n`);
    // A stop with --keep renews machines for some seconds; nothing shorter than that may kill it.
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThanOrEqual(90);
  });

  it.runIf(has('systemd-analyze'))('is exposed 2.5 of 10 at most, by systemd itself', () => {
    const file = join(dir, 'hybrid-mlnode.service');
    writeFileSync(file, unitText());
    const said = execFileSync('systemd-analyze', ['security', '--offline=true', file], { encoding: 'utf8' });
    const [, exposure] = /Overall exposure level for [^:]*: ([\d.]+)/.exec(said) ?? [];
    expect(Number(exposure)).toBeLessThanOrEqual(2.5);
  });
});

describe('service install', () => {
  const settle = (): void => {
    mkdirSync(join(dir, 'keys'));
    writeFileSync(join(dir, 'keys', 'vast_key'), 'key', { mode: 0o600 });
    writeFileSync(
      join(dir, '.env'),
      'MLNODE_ID=x\nSTATE_DIR=/home/me/state\nVASTAI_SSH_KEY_PATH=keys/vast_key\n',
    );
  };
  const run = async (...words: string[]) => {
    const io = capturedIo({ cwd: dir });
    return { code: await dispatch(['service', 'install', ...words], io), out: io.out(), err: io.err() };
  };

  it('puts settings, key and unit below --root, private, with the paths of the service', async () => {
    settle();
    expect(await run('--root', 'image', '--yes')).toMatchObject({ code: 0 });
    const etc = join(dir, 'image/etc/hybrid-mlnode');
    expect(readFileSync(join(etc, '.env'), 'utf8')).toBe(
      'MLNODE_ID=x\n# STATE_DIR is set by the unit.\nVASTAI_SSH_KEY_PATH=/etc/hybrid-mlnode/vast_key\n',
    );
    expect(statSync(join(etc, '.env')).mode & 0o777).toBe(0o640);
    expect(statSync(join(etc, 'vast_key')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(dir, 'image/etc/systemd/system/hybrid-mlnode.service'), 'utf8')).toBe(
      unitText(),
    );
  });

  it('only says what it would do with --dry-run, and asks without --yes', async () => {
    settle();
    const dry = await run('--dry-run');
    expect(dry.code).toBe(0);
    expect(dry.out).toContain('make the system user hybrid-mlnode');
    expect(dry.out).toContain('systemctl daemon-reload');
    expect((await run('--root', 'image')).err).toContain('--yes');
    expect(existsSync(join(dir, 'image'))).toBe(false);
  });

  it('wants settings, and the key that they name', async () => {
    expect(await run('--root', 'image', '--yes')).toMatchObject({
      code: 2,
      err: expect.stringContaining('init'),
    });
    writeFileSync(join(dir, '.env'), 'VASTAI_SSH_KEY_PATH=/no/such/key\n');
    expect(await run('--root', 'image', '--yes')).toMatchObject({
      code: 2,
      err: expect.stringContaining('/no/such/key'),
    });
  });
});

describe('systemd', () => {
  /** Stands in the place of systemd-notify and writes down what it is given. */
  const notifier = (exitCode = 0): { env: Record<string, string>; told: () => string[] } => {
    const log = join(dir, 'told');
    const program = join(dir, 'systemd-notify');
    writeFileSync(program, `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> ${log}\nexit ${exitCode}\n`);
    chmodSync(program, 0o755);
    const env = { PATH: `${dir}:/usr/bin:/bin`, NOTIFY_SOCKET: '/run/notify' };
    return { env, told: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []) };
  };

  it('hears that the service is up, that it lives, and that it stops', async () => {
    const { env, told } = notifier();
    const manager = createServiceManager({
      env: { ...env, WATCHDOG_USEC: '150000' },
      onFailure: () => undefined,
    });
    manager.ready('ML node x', () => Promise.resolve(true));
    await expect
      .poll(() => told().filter((line) => line === '/run/notify WATCHDOG=1').length)
      .toBeGreaterThan(1);
    expect(told()[0]).toBe('/run/notify READY=1 STATUS=ML node x');
    await manager.stopping('bye');
    const { length } = told();
    expect(told().at(-1)).toBe('/run/notify STOPPING=1 STATUS=bye');
    await new Promise((resolve) => {
      setTimeout(resolve, 200);
    });
    expect(told().length).toBe(length);
  });

  it('hears nothing of a service that hangs', async () => {
    const { env, told } = notifier();
    let looks = 0;
    const manager = createServiceManager({
      env: { ...env, WATCHDOG_USEC: '60000' },
      onFailure: () => undefined,
    });
    manager.ready('x', () => {
      looks += 1;
      return Promise.resolve(false);
    });
    await expect.poll(() => looks).toBeGreaterThan(3);
    await manager.stopping('x');
    expect(told().filter((line) => line.includes('WATCHDOG'))).toEqual([]);
  });

  it('that cannot be told is complained of once, and not at all where there is none', async () => {
    const failures: string[] = [];
    const { env } = notifier(1);
    const manager = createServiceManager({ env, onFailure: (message) => failures.push(message) });
    await manager.stopping('one');
    await manager.stopping('two');
    expect(failures).toHaveLength(1);
    const outside = createServiceManager({
      env: { PATH: '/nowhere' },
      onFailure: (message) => failures.push(message),
    });
    outside.ready('x', () => Promise.reject(new Error('never asked')));
    await outside.stopping('x');
    expect(failures).toHaveLength(1);
  });
});

describe('the name of a deployment', () => {
  it('is added to the settings once, and never to a file that is not there', () => {
    expect(saveDeployment(dir, 'ghm-1')).toBeUndefined();
    writeFileSync(join(dir, '.env'), 'MLNODE_ID=x');
    expect(saveDeployment(dir, 'ghm-1')).toBe('.env');
    expect(readFileSync(join(dir, '.env'), 'utf8')).toMatch(/^MLNODE_ID=x\n# .*\nDEPLOYMENT_ID=ghm-1\n$/);
    expect(saveDeployment(dir, 'ghm-2')).toBeUndefined();
  });
});
