import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, normalize, relative } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** One import as it stands in a file. */
export interface ImportEdge {
  readonly from: string;
  /** Path from the root for a file of ours, else the package's specifier. */
  readonly to: string;
  readonly isOurs: boolean;
  /** `import type`: nothing of it is there at run time. */
  readonly isType: boolean;
}

/** Paths from the root of every TypeScript file under `folders`, sorted. */
export async function sourceFiles(...folders: string[]): Promise<string[]> {
  const lists = await Promise.all(folders.map((folder) => filesUnder(folder)));
  return lists.flat().toSorted();
}

export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Static imports and exports-from, and `import('…')` of a fixed path. */
export function importsOf(path: string): ImportEdge[] {
  const statement =
    /^(?:import|export)\s+(type\s+)?(?:[\w*{][^;'"]*?\sfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;
  return [...textOf(path).matchAll(statement)].map(([whole, type, fixed, dynamic]) => {
    const to = fixed ?? dynamic ?? '';
    const isOurs = to.startsWith('.');
    const target = isOurs ? normalize(join(path, '..', to)) : to;
    return { from: path, to: target, isOurs, isType: type !== undefined || hasOnlyTypes(whole) };
  });
}

/** `import { type A, type B } from …`. */
function hasOnlyTypes(statement: string): boolean {
  const names = /\{([^}]*)\}/.exec(statement)?.[1]?.split(',') ?? [];
  const filled = names.filter((name) => name.trim() !== '');
  return filled.length > 0 && filled.every((name) => name.trim().startsWith('type '));
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !path.includes('node_modules'));
}
