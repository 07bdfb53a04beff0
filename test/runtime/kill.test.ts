import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { lockStateDir } from '../../src/runtime/lock.ts';
import { openSqliteStore } from '../../src/runtime/sqlite-store.ts';
import { counted, startCounting } from './counting.ts';
import { temporaryDir } from './rig.ts';

const program = new URL('counting-process.ts', import.meta.url).pathname;
const kills = 20;

/** Runs the program until it said `lines` numbers, kills it, and returns the last whole one. */
async function killAfter(stateDir: string, lines: number): Promise<number> {
  const child = spawn(process.execPath, [program, stateDir], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = await readLines(child, lines);
  return Number(said.at(-1));
}

async function readLines(child: ChildProcess, lines: number): Promise<string[]> {
  let text = '';
  let errors = '';
  child.stderr?.on('data', (piece) => (errors += String(piece)));
  child.stdout?.on('data', (piece) => {
    text += String(piece);
    if (text.split('\n').length > lines) child.kill('SIGKILL');
  });
  await once(child, 'close');
  if (child.signalCode !== 'SIGKILL') throw new Error(`the program ended by itself: ${errors}`);
  return text.split('\n').slice(0, -1);
}

describe('kill -9', () => {
  it(`loses no acknowledged step in ${kills} kills, and delivers every message once`, {
    timeout: 60_000,
  }, async () => {
    const stateDir = temporaryDir();
    let acknowledged = 0;
    for (let i = 0; i < kills; i++) {
      const last = await killAfter(stateDir, 1 + ((i * 7) % 40));
      expect(last).toBeGreaterThan(acknowledged);
      acknowledged = last;
    }
    const lock = lockStateDir(stateDir);
    const store = openSqliteStore(`${stateDir}/store.sqlite`);
    const check = store.database.prepare('PRAGMA integrity_check').get();
    const runtime = startCounting(store);
    expect(check).toEqual({ integrity_check: 'ok' });
    expect(counted(runtime, 'counter')).toBeGreaterThanOrEqual(acknowledged);
    expect(counted(runtime, 'echo')).toBe(counted(runtime, 'counter'));
    await runtime.stop();
    store.close();
    lock.release();
  });
});
