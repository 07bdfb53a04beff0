import { HybridError } from '../errors.ts';
import { buildConfig } from './build.ts';
import type { Config } from './config.ts';
import { contradictions, doubts } from './contradictions.ts';
import { settingOf } from './names.ts';
import { schema, schemaNames, type Values } from './schema.ts';
import { type Environment, readSettingsFile } from './settings-file.ts';
import { type Found, place, resolveSources } from './sources.ts';

export interface LoadOptions {
  /** The process environment; wins over every file. */
  readonly env: Environment;
  /** Directory that relative paths start from. */
  readonly cwd: string;
  /** Settings files relative to `cwd`, the first wins. Default `.env`, `config/.env`; files that are not there are fine. */
  readonly files?: readonly string[];
}

/**
 * Reads, checks and shapes every setting. `warnings` are sentences for the operator.
 * Throws CONFIG_UNREADABLE, or CONFIG_INVALID whose message is the whole list of what is wrong, one line each, with
 * the setting's name and where it was found.
 */
export function loadConfig(options: LoadOptions): { config: Config; warnings: string[] } {
  const names = options.files ?? ['.env', 'config/.env'];
  const files = names.flatMap((name) => readSettingsFile(options.cwd, name, options.env) ?? []);
  const sources = resolveSources(options.env, files);
  const read = readValues(sources.found);
  const faults = [...sources.faults, ...read.faults, ...contradictions(read.values, sources.found)];
  if (faults.length > 0 || !isComplete(read)) throw invalid(faults);
  const config = buildConfig(read.values, {
    home: options.env['HOME'],
    xdgState: options.env['XDG_STATE_HOME'],
    cwd: options.cwd,
  });
  return { config, warnings: [...sources.warnings, ...doubts(read.values)] };
}

type Read = { readonly values: Partial<Values>; readonly faults: readonly string[] };

const isComplete = (read: Read): read is Read & { values: Values } => read.faults.length === 0;

/** Each setting on its own, so that one that is wrong does not hide the others. */
function readValues(found: ReadonlyMap<string, Found>): Read {
  const values: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const name of schemaNames) {
    const at = found.get(name);
    const setting = settingOf(name);
    const result = schema.shape[name].safeParse(at?.value ?? setting?.default);
    if (result.success) values[name] = result.data;
    else if (at === undefined) faults.push(`${name} is not set (required ${setting?.required ?? 'always'})`);
    else {
      const shown = setting?.secret ? '' : `; it is ${JSON.stringify(shortened(at.value))}`;
      faults.push(`${place(at)} ${result.error.issues[0]?.message ?? 'is wrong'}${shown}`);
    }
  }
  return { values, faults };
}

const shortened = (value: string): string => (value.length <= 80 ? value : `${value.slice(0, 77)}...`);

function invalid(faults: readonly string[]): HybridError {
  const title = faults.length === 1 ? 'One setting is wrong:' : `${faults.length} settings are wrong:`;
  const message = [title, ...faults.map((fault) => `  ${fault}`)].join('\n');
  return new HybridError({ code: 'CONFIG_INVALID', message, faults });
}
