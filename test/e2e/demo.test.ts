import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { Figures } from '../../src/sandbox/figures.ts';
import { found } from '../support/inhabited-town.ts';

const mainPath = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A seed that no other run on this computer has: by it the processes of one demo are known. */
const seed = process.pid + 100_000;

/** A demo as a shell would start it: in a process group of its own. */
function startDemo(args: readonly string[]) {
  const child = spawn(process.execPath, [mainPath, 'demo', '--seed', `${seed}`, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  return {
    pid: child.pid ?? 0,
    stdout: text(child.stdout),
    stderr: text(child.stderr),
    exited: once(child, 'exit'),
  };
}

/** Command lines of the running processes that contain `part`. */
function processesWith(part: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(part) ? [line] : [];
      } catch {
        return [];
      }
    });
}

/** The `--origin` that all neighbours and machines of this demo's town bear. */
async function townOrigin(): Promise<string> {
  return found(async () => {
    const chain = processesWith(`--seed ${seed}`).find((line) => line.includes('sandbox chain'));
    return /--origin \d+/.exec(chain ?? '')?.[0];
  }, 20_000);
}

describe('the demo', () => {
  const groups: number[] = [];
  afterEach(() => {
    for (const pid of groups.splice(0)) {
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // Ended by itself, as it should.
      }
    }
  });

  it('lives through an epoch with every figure as it should be, and leaves no process behind', {
    timeout: 120_000,
  }, async () => {
    const demo = startDemo(['--epochs', '1', '--json']);
    groups.push(demo.pid);
    const origin = await townOrigin();
    const [exitCode] = (await demo.exited) as [number];
    const lines = (await demo.stdout).trimEnd().split('\n');
    const figures = JSON.parse(lines.at(-1) ?? '') as Figures;

    expect(exitCode, `${await demo.stderr}\n${lines.at(-1)}`).toBe(0);
    expect(lines).toHaveLength(1);
    expect(figures).toMatchObject({
      epochs: 1,
      completed: 1,
      missed: 0,
      callbacksLost: 0,
      leases: 1,
      leakedInstances: 0,
      inference: { failed: 0 },
    });
    expect(figures.noncesSent).toBeGreaterThan(0);
    expect(figures.noncesAccepted).toBe(figures.noncesSent);
    expect(figures.noncesProduced).toBeGreaterThanOrEqual(figures.noncesSent);
    expect(figures.validationsDelivered).toBeGreaterThan(0);
    expect(figures.usefulSeconds).toBeGreaterThan(0);
    expect(figures.paidSeconds).toBeGreaterThan(figures.usefulSeconds);
    expect(figures.costUsd).toBeGreaterThan(0);
    expect(figures.inference.streamed).toBeGreaterThan(0);
    expect(figures.inference.requests).toBeGreaterThan(figures.inference.streamed);
    expect(await demo.stderr).toContain('all as it should be');
    expect(processesWith(origin)).toEqual([]);
  });

  it('ends soon after Ctrl-C with its machine returned, and leaves no process behind', {
    timeout: 60_000,
  }, async () => {
    const demo = startDemo(['--epochs', '5']);
    groups.push(demo.pid);
    const origin = await townOrigin();
    await found(async () => processesWith(origin).find((line) => line.includes('sandbox machine')), 30_000);
    const from = performance.now();
    // A terminal sends it to the whole group.
    process.kill(-demo.pid, 'SIGINT');
    const [exitCode] = (await demo.exited) as [number];

    expect(performance.now() - from).toBeLessThan(15_000);
    expect(exitCode).toBe(1);
    expect(await demo.stdout).toMatch(/machines {5}\d rented, \d in a PoC at least, 0 leaked\n/);
    expect(processesWith(origin)).toEqual([]);
  });
});
