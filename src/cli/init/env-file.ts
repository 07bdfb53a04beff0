import { copyFileSync, chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { settingOf } from '../../config/names.ts';

/** Settings by name; order is kept. */
export type EnvValues = ReadonlyMap<string, string>;

/** The text of a settings file, each value below what it means. `writer`: the command that wrote it. */
export function envText(values: EnvValues, writer = 'init'): string {
  const blocks = [...values].map(([name, value]) => {
    const meaning = settingOf(name)?.describe;
    return `${meaning === undefined ? '' : `# ${meaning}\n`}${name}=${quoted(value)}\n`;
  });
  const title = `# Written by "hybrid-mlnode ${writer}"; every setting: docs/reference/configuration.md. Keep this file private.\n`;
  return [title, ...blocks].join('\n');
}

/**
 * Writes a settings file that only its owner can read, whole or not at all. What was there is kept beside it, as
 * private. Returns where, or undefined when nothing was there.
 */
export function writeEnvFile(path: string, values: EnvValues, writer = 'init'): string | undefined {
  mkdirSync(dirname(path), { recursive: true });
  const former = existsSync(path) ? `${path}.before` : undefined;
  if (former !== undefined) {
    copyFileSync(path, former);
    chmodSync(former, 0o600);
  }
  const draft = `${path}.draft`;
  writeFileSync(draft, envText(values, writer), { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, path);
  return former;
}

/** Plain where dotenv reads it plainly; else in the first kind of quotes that the value itself lacks. */
function quoted(value: string): string {
  if (/^[\w@%+=:,./-]*$/.test(value)) return value;
  const quote = ["'", '`', '"'].find((mark) => !value.includes(mark)) ?? "'";
  return `${quote}${value}${quote}`;
}
