import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

/** The package as a user would have it: packed, and installed in a folder that was empty. */
export interface InstalledPackage {
  /** The user's folder. */
  readonly folder: string;
  /** The package below `node_modules`. */
  readonly home: string;
  /** Paths in the tarball. */
  readonly files: readonly string[];
  /** Runs `hybrid-mlnode` there; rejects with `code`, `stdout` and `stderr` where it fails. */
  run(words: readonly string[], timeoutMs?: number): Promise<{ stdout: string; stderr: string }>;
  remove(): void;
}

/** Packs (which builds) and installs, from npm's cache where it has what is needed. */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = mkdtempSync(join(tmpdir(), 'hybrid-package-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: root,
      maxBuffer: 1 << 24,
    });
    const [tarball] = tarballsOf(packed.stdout);
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const install = [
      'install',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--no-save',
    ];
    await run('npm', [...install, join(folder, tarball?.filename ?? '')], { cwd: empty });
    const program = join(empty, 'node_modules/.bin/hybrid-mlnode');
    return {
      folder: empty,
      home: join(empty, 'node_modules/gonka-hybrid-mlnode'),
      files: tarball?.files.map(({ path }) => path) ?? [],
      run: (words, timeoutMs = 60_000) =>
        run(program, words, {
          cwd: empty,
          timeout: timeoutMs,
          maxBuffer: 1 << 24,
          env: { PATH: process.env['PATH'], HOME: empty },
        }),
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}

interface Tarball {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** npm 11 prints a list, newer ones an object by package name; a build may talk before. */
function tarballsOf(stdout: string): readonly Tarball[] {
  const value = JSON.parse(stdout.slice(stdout.search(/^[[{]/m))) as Tarball[] | Record<string, Tarball>;
  return Array.isArray(value) ? value : Object.values(value);
}
