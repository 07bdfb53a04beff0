import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const program = join(import.meta.dirname, '../../bin/hybrid-mlnode.js');
const run = promisify(execFile);

/** Each Node that can be had here: the one that runs the tests, and that of the system where there is another. */
async function nodes(): Promise<string[]> {
  const outside = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((path) => !path.includes('node_modules'));
  const found = await run('which', ['node'], { env: { PATH: outside.join(delimiter) } }).catch(
    () => undefined,
  );
  return [...new Set([process.execPath, ...(found === undefined ? [] : [found.stdout.trim()])])];
}

describe.each(await nodes())('the program under %s', (node) => {
  it('runs a command and passes its exit code and output on', async () => {
    const { stdout } = await run(node, [program, '--version']);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    await expect(run(node, [program, 'nonsense'])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"nonsense" is no command'),
    });
  });

  it('passes SIGTERM on and ends with the exit code of an orderly stop', async () => {
    const child = spawn(node, [program, 'sandbox', 'chain'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { port } = JSON.parse(line.toString()) as { port: number };
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await expect(fetch(`http://127.0.0.1:${port}/sandbox/ready`)).rejects.toThrow('fetch failed');
  });
});

it('a copy without the bundled Node says in one line what is missing, under a Node that is too old', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hybrid-bin-'));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  copyFileSync(program, join(folder, 'bin/hybrid-mlnode.js'));
  const old = 'Object.defineProperty(process.versions, "node", { value: "20.1.0" });';
  writeFileSync(join(folder, 'old.cjs'), old);
  const args = ['--require', join(folder, 'old.cjs'), join(folder, 'bin/hybrid-mlnode.js')];
  try {
    await expect(run(process.execPath, args, { cwd: folder })).rejects.toMatchObject({
      code: 1,
      stderr: 'hybrid-mlnode needs Node 24.15 or newer and runs on 20.1.0; "npm ci" brings one for Linux.\n',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
