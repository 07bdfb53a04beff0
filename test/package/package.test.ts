import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InstalledPackage, installPackage } from '../support/installed-package.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

let installed: InstalledPackage;
beforeAll(async () => {
  installed = await installPackage();
}, 240_000);
afterAll(() => installed?.remove());

describe('the npm package', () => {
  it('ships compiled programs, migrations, the page and the unit, and no sources', () => {
    const { files } = installed;
    for (const file of [
      'bin/hybrid-mlnode.js',
      'dist/main.js',
      'migrations/000001.sql',
      'web/dist/index.html',
    ])
      expect(files).toContain(file);
    expect(files).toContain('deploy/systemd/hybrid-mlnode.service');
    expect(files.filter((file) => file.endsWith('.ts'))).toEqual([]);
    expect(files.filter((file) => /^(src|test|bench|web\/src)\//.test(file))).toEqual([]);
    expect(existsSync(join(installed.home, 'src'))).toBe(false);
  });

  it('imports nothing that is not there', () => {
    const compiled = installed.files.filter((file) => file.startsWith('dist/') && file.endsWith('.js'));
    const missing = compiled.flatMap((file) => {
      const text = readFileSync(join(installed.home, file), 'utf8');
      const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(
        ([, path]) => path ?? '',
      );
      return imports
        .filter((path) => !existsSync(join(installed.home, file, '..', path)))
        .map((path) => `${file} imports ${path}`);
    });
    expect(compiled.length).toBeGreaterThan(100);
    expect(missing).toEqual([]);
  });

  it('runs as a command from an empty folder', async () => {
    expect((await installed.run(['--version'])).stdout).toBe(`${version}\n`);
    expect(JSON.parse((await installed.run(['version', '--json'])).stdout)).toMatchObject({
      version,
      runs: 'compiled',
    });
    await expect(installed.run(['strat'])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"start"'),
    });
    expect((await installed.run(['service', 'unit'])).stdout).toContain(
      'node_modules/gonka-hybrid-mlnode/bin/hybrid-mlnode.js start --keep',
    );
  });

  it('simulates whole epochs', async () => {
    const { stdout } = await installed.run(['simulate', '--epochs', '3', '--seed', '1', '--json'], 120_000);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      epochs: 3,
      invariantViolations: 0,
    });
  }, 130_000);

  it('finds the Node that it brought when the one that started it is too old', async () => {
    const old = join(installed.folder, 'old.cjs');
    writeFileSync(old, 'Object.defineProperty(process.versions, "node", { value: "20.1.0" });');
    const program = join(installed.home, 'bin/hybrid-mlnode.js');
    const { stdout } = await run(process.execPath, ['--require', old, program, '--version']);
    expect(stdout).toBe(`${version}\n`);
  });
});
