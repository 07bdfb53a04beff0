import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HybridError } from '../errors.ts';

/** Held for the life of the daemon. */
export interface StateLock {
  release(): void;
}

/**
 * One writer a STATE_DIR. The lock is an exclusive transaction on a database of its own, held open: the operating
 * system drops it with the process, so a kill -9 leaves nothing to clean up. (Its file must not be opened by any other
 * code of this process: closing it there would drop the lock. That is why the pid stands in a second file.)
 * Throws STORE_LOCKED, naming the pid of the holder, or STORE_BROKEN when the directory cannot be written.
 */
export function lockStateDir(stateDir: string): StateLock {
  const pidPath = join(stateDir, 'daemon.pid');
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    database = new DatabaseSync(join(stateDir, 'daemon.lock'));
    database.exec('PRAGMA busy_timeout=0; BEGIN EXCLUSIVE');
    writeFileSync(pidPath, `${process.pid}\n`);
  } catch (error) {
    database?.close();
    if ((error as { errcode?: number }).errcode === 5) throw heldBy(stateDir, readPid(pidPath));
    throw new HybridError(
      {
        code: 'STORE_BROKEN',
        message: `STATE_DIR ${stateDir} cannot be used: ${(error as Error).message}`,
        stateDir,
      },
      { cause: error },
    );
  }
  const held = database;
  return {
    release: () => {
      if (!held.isOpen) return;
      rmSync(pidPath, { force: true });
      held.close();
    },
  };
}

function heldBy(stateDir: string, pid: string): HybridError {
  const message = `STATE_DIR ${stateDir} is in use by process ${pid}`;
  return new HybridError({ code: 'STORE_LOCKED', message, stateDir, pid });
}

function readPid(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim() || 'unknown';
  } catch {
    return 'unknown';
  }
}
