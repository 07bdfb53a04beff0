import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { HybridError } from '../errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One settings file that exists. */
export interface SettingsFile {
  /** As given, for messages: `config/.env`. */
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
  /** What is wrong with its text, one sentence each. */
  readonly faults: readonly string[];
}

/**
 * Reads one settings file with `${NAME}` and `${NAME:-default}` expanded: the process environment first, then what
 * stands further up in the file, else nothing. `undefined` when there is no such file.
 * Throws CONFIG_UNREADABLE when there is one that cannot be read.
 */
export function readSettingsFile(cwd: string, name: string, env: Environment): SettingsFile | undefined {
  const text = textOf(cwd, name);
  if (text === undefined) return undefined;
  const raw = parse(text);
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(raw)) values[key] = expand(value, { ...values, ...env });
  return { name, values, faults: faultsOf(name, text, raw) };
}

function textOf(cwd: string, name: string): string | undefined {
  try {
    return readFileSync(join(cwd, name), 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const message = `${name} cannot be read (${code ?? 'unknown reason'})`;
    throw new HybridError({ code: 'CONFIG_UNREADABLE', message, file: name }, { cause: error });
  }
}

function expand(value: string, known: Environment): string {
  return value.replace(
    /\$\{([^}:]*)(?::-([^}]*))?\}/g,
    (_, name: string, otherwise: string | undefined) => known[name] ?? otherwise ?? '',
  );
}

/** dotenv skips what it does not understand; a setting that is silently not there costs a search. */
function faultsOf(name: string, text: string, raw: Readonly<Record<string, string>>): readonly string[] {
  if (Object.values(raw).some((value) => value.includes('\n'))) return [];
  return text.split(/\r?\n/).flatMap((line, index) => {
    const blank = /^\s*(#.*)?$/.test(line);
    const assignment = /^\s*(?:export\s+)?[\w.-]+(?:\s*=|:\s)/.test(line);
    return blank || assignment ? [] : [`${name}, line ${index + 1}: not of the form NAME=value`];
  });
}
