import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockStateDir } from '../../src/runtime/lock.ts';
import { temporaryDir } from './rig.ts';

const program = new URL('counting-process.ts', import.meta.url).pathname;

describe('the lock of a state directory', () => {
  it('is refused to a second daemon with the pid of the first, and free the moment that one is killed', async () => {
    const stateDir = temporaryDir();
    const holder = spawn(process.execPath, [program, stateDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(holder.stdout, 'data');
      holder.stdout.resume();
      expect(() => lockStateDir(stateDir)).toThrow(
        expect.objectContaining({
          code: 'STORE_LOCKED',
          message: `STATE_DIR ${stateDir} is in use by process ${holder.pid}`,
        }),
      );
    } finally {
      holder.kill('SIGKILL');
      await once(holder, 'close');
    }
    lockStateDir(stateDir).release();
  });

  it('is refused within one process too, and given after a release', () => {
    const stateDir = join(temporaryDir(), 'made', 'on', 'the', 'way');
    const lock = lockStateDir(stateDir);
    expect(() => lockStateDir(stateDir)).toThrow(`in use by process ${process.pid}`);
    lock.release();
    lock.release();
    lockStateDir(stateDir).release();
  });

  it('names the directory when it cannot be used', () => {
    const file = join(temporaryDir(), 'a-file');
    writeFileSync(file, '');
    chmodSync(file, 0o400);
    expect(() => lockStateDir(file)).toThrow(
      expect.objectContaining({ code: 'STORE_BROKEN', message: expect.stringContaining(file) as string }),
    );
  });
});
