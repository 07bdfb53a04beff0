import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedPages } from '../../docs/generate.ts';
import { loadConfig } from '../../src/config/load.ts';
import { settings } from '../../src/config/names.ts';
import { catalogue, HybridError } from '../../src/errors.ts';

const root = join(import.meta.dirname, '../..');
const pages = generatedPages();
const pageOf = (path: string): string => pages.find((page) => page.path === path)?.text ?? '';

describe('the generated pages', () => {
  it.each(pages.map((page) => page.path))('%s is as its source says (npm run docs)', (path) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(pageOf(path));
  });

  it('name every error code and every setting', () => {
    for (const code of Object.keys(catalogue))
      expect(pageOf('docs/reference/errors.md')).toContain(`\`${code}\``);
    for (const { name } of settings)
      expect(pageOf('docs/reference/configuration.md')).toContain(`\`${name}\``);
  });
});

describe('.env.example', () => {
  it('copied as it is, leaves exactly the required settings open', () => {
    expect(faultsOf(pageOf('.env.example'))).toEqual([
      '4 settings are wrong:',
      '  HYPERBOLIC_API_KEY is not set (required always)',
      '  VASTAI_API_KEY is not set (required unless RENTAL_POLICY=off)',
      '  VASTAI_SSH_KEY_PATH is not set (required unless RENTAL_POLICY=off)',
      '  VPS_IP is not set (required unless REGISTRATION=off)',
    ]);
  });

  it('filled in, gives the defaults without a warning', () => {
    const text = pageOf('.env.example').replaceAll(/^([A-Z_]+)=$/gm, '$1=filled-in');
    const filled = inFolder(text, (cwd) => loadConfig({ env: {}, cwd }));
    const bare = inFolder('', (cwd) =>
      loadConfig({
        env: {
          HYPERBOLIC_API_KEY: 'filled-in',
          VASTAI_API_KEY: 'filled-in',
          VASTAI_SSH_KEY_PATH: '/filled-in',
          VPS_IP: 'filled-in',
        },
        cwd,
      }),
    );
    expect(filled.warnings).toEqual([]);
    expect({ ...filled.config, vast: {}, stateDir: '' }).toEqual({ ...bare.config, vast: {}, stateDir: '' });
  });
});

function faultsOf(text: string): string[] {
  try {
    inFolder(text, (cwd) => loadConfig({ env: {}, cwd }));
  } catch (error) {
    if (error instanceof HybridError) return error.message.split('\n');
    throw error;
  }
  return [];
}

function inFolder<T>(text: string, use: (cwd: string) => T): T {
  const cwd = mkdtempSync(join(tmpdir(), 'hybrid-example-'));
  try {
    writeFileSync(join(cwd, '.env'), text);
    return use(cwd);
  } finally {
    rmSync(cwd, { recursive: true });
  }
}
