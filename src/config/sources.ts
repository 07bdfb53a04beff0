import { isOurs, nearestName, settingOf, settings, spellingsOf } from './names.ts';
import type { Setting } from './setting.ts';
import type { Environment, SettingsFile } from './settings-file.ts';

/** A value, under which spelling it was found, and where. */
export interface Found {
  readonly value: string;
  readonly name: string;
  /** `environment` or a file's name. */
  readonly source: string;
}

export interface Sources {
  /** By the name that the schema reads; empty values are absent. */
  readonly found: ReadonlyMap<string, Found>;
  readonly warnings: readonly string[];
  readonly faults: readonly string[];
}

const processSource = 'environment';

/**
 * Puts the process environment over the files (highest first), then resolves other spellings. A value that is set but
 * empty counts as not set, and hides what lower sources say.
 */
export function resolveSources(env: Environment, files: readonly SettingsFile[]): Sources {
  const merged = mergedOver(env, files);
  const found = new Map<string, Found>();
  const warnings: string[] = [];
  const faults: string[] = files.flatMap((file) => file.faults);
  for (const setting of settings) {
    const own = merged.get(setting.name);
    if (setting.state === 'honoured') {
      const resolved = setting.aliasOf === undefined ? spelled(setting.name, merged, warnings) : own;
      if (resolved !== undefined) found.set(setting.name, resolved);
    } else if (own !== undefined) {
      if (setting.state === 'deprecated') warnings.push(deprecation(setting, own));
      else if (isOff(own.value)) warnings.push(`${place(own)} is no setting of this daemon; remove it`);
      else faults.push(`${place(own)} is refused: ${setting.describe}`);
    }
  }
  const unknown = unknownNames(env, files);
  return {
    found,
    warnings: [...warnings, ...unknown.warnings],
    faults: [...faults, ...unknown.faults],
  };
}

export const place = (found: { name: string; source: string }): string => `${found.name} (${found.source})`;

function mergedOver(env: Environment, files: readonly SettingsFile[]): Map<string, Found> {
  const merged = new Map<string, Found>();
  for (const { name, filesOnly } of settings) {
    const candidates: (Found | undefined)[] = [
      filesOnly ? undefined : foundIn(env, name, processSource),
      ...files.map((file) => foundIn(file.values, name, file.name)),
    ];
    const first = candidates.find((candidate) => candidate !== undefined);
    if (first !== undefined && first.value !== '') merged.set(name, first);
  }
  return merged;
}

function foundIn(values: Environment, name: string, source: string): Found | undefined {
  const value = values[name];
  return value === undefined ? undefined : { value: value.trim(), name, source };
}

/** The first spelling that is set; says so when a later one says something else. */
function spelled(name: string, merged: ReadonlyMap<string, Found>, warnings: string[]): Found | undefined {
  const set = spellingsOf(name).flatMap((spelling) => merged.get(spelling) ?? []);
  const [first, ...others] = set;
  for (const other of others) {
    const ownMeaning = other.name === 'HYPERBOLIC_MODEL';
    if (first !== undefined && other.value !== first.value && !ownMeaning) {
      warnings.push(`${place(first)} wins over ${place(other)}, which says something else`);
    }
  }
  return first;
}

function deprecation(setting: Setting, found: Found): string {
  const used = setting.aliasOf === undefined ? 'is ignored' : 'is a former name, still read';
  const successor = setting.successor === undefined ? 'nothing replaces it' : `use ${setting.successor}`;
  return `${place(found)} ${used}: ${successor}. ${setting.describe}`;
}

const isOff = (value: string): boolean => ['false', '0', 'no', 'off'].includes(value.toLowerCase());

/** Unknown names of ours: a fault in a file, which is written for us; a warning in the environment, which is not. */
function unknownNames(
  env: Environment,
  files: readonly SettingsFile[],
): { warnings: string[]; faults: string[] } {
  const warnings: string[] = [];
  const faults: string[] = [];
  for (const name of Object.keys(env)) {
    if (settingOf(name) === undefined && isOurs(name)) warnings.push(unknown(name, processSource));
  }
  for (const file of files) {
    for (const name of Object.keys(file.values)) {
      if (settingOf(name) !== undefined) continue;
      if (isOurs(name)) faults.push(unknown(name, file.name));
      else if (nearestName(name) !== undefined) warnings.push(unknown(name, file.name));
    }
  }
  return { warnings, faults };
}

function unknown(name: string, source: string): string {
  const nearest = nearestName(name);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return `${place({ name, source })} is no known setting${hint}`;
}
