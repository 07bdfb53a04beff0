import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { capturedIo } from './captured-io.ts';

const dir = mkdtempSync(join(tmpdir(), 'hybrid-simulate-test-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function simulated(...args: readonly string[]) {
  const io = capturedIo();
  const exitCode = await dispatch(['simulate', ...args], io);
  return { exitCode, stdout: io.out(), stderr: io.err() };
}

describe('simulate', () => {
  it('ends with the figures as one line of JSON', async () => {
    const { exitCode, stdout, stderr } = await simulated('--epochs', '2', '--seed', '4', '--json');
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({
      seed: 4,
      epochs: 2,
      leakedInstances: 0,
      duplicateCreates: 0,
      invariantViolations: 0,
      capOvershootUsd: 0,
      callbacksLost: 0,
    });
    expect(stderr).toContain('seed 4');
  });

  it('adds up several seeds, on a store in a file', async () => {
    const args = '--epochs 1 --seed 8 --seeds 2 --store file --json'.split(' ');
    const { exitCode, stdout } = await simulated(...args);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ seed: 8, seeds: 2, epochs: 2 });
  });

  it('runs again what a journal tells of', async () => {
    const path = join(dir, 'journal.json');
    const terms = {
      seed: 4,
      epochs: 2,
      hostFailure: null,
      faults: 'none',
      policy: 'auto',
      crashRate: 0,
      store: 'memory',
    };
    writeFileSync(path, JSON.stringify({ terms, violation: { invariant: 'I9', step: 1 }, journal: [] }));
    const replayed = await simulated('--replay', path, '--json');
    const first = await simulated('--epochs', '2', '--seed', '4', '--json');
    const { speedup: _, ...figures } = JSON.parse(first.stdout) as { speedup: number };
    expect(JSON.parse(replayed.stdout)).toMatchObject(figures);
  });

  it.each([
    [['--chain', 'v3'], 'v3 is not simulated'],
    [['--policy', 'successor'], 'successor is not simulated'],
    [['--faults', 'vast.sunshine'], 'no fault "vast.sunshine"'],
    [['--host-failure', '2'], '--host-failure must be a number'],
  ])('refuses %j', async (args, reason) => {
    const { exitCode, stderr } = await simulated(...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(reason);
  });

  it('refuses a file that is no journal', async () => {
    const path = join(dir, 'other.json');
    writeFileSync(path, '{"terms":1}');
    const { exitCode, stderr } = await simulated('--replay', path);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('is no journal of a simulation');
  });
});
