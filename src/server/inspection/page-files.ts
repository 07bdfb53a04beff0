import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** One file of the page, as it goes over the wire. */
export interface PageFile {
  readonly contentType: string;
  readonly plain: Buffer;
  /** Made when the page was built; absent where they would not be smaller. */
  readonly gzip?: Buffer;
  readonly br?: Buffer;
}

/** The built page, in memory. */
export interface PageFiles {
  /** Undefined while the page is not built. */
  index(): PageFile | undefined;
  /** A file of its folder `assets`, by its bare name. */
  asset(name: string): PageFile | undefined;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Reads what `npm run web` wrote to `folder`. A page that is not there yet is looked for again at each request. */
export function readPageFiles(folder: string): PageFiles {
  let files: ReadonlyMap<string, PageFile> = read(folder);
  return {
    index: () => {
      if (!files.has('index.html')) files = read(folder);
      return files.get('index.html');
    },
    asset: (name) => files.get(`assets/${name}`),
  };
}

function read(folder: string): ReadonlyMap<string, PageFile> {
  const found = new Map<string, PageFile>();
  for (const prefix of ['', 'assets']) {
    for (const name of namesIn(join(folder, prefix))) {
      const contentType = contentTypes[extname(name)];
      if (contentType === undefined) continue;
      const path = join(folder, prefix, name);
      const gzip = readIfThere(`${path}.gz`);
      const br = readIfThere(`${path}.br`);
      found.set(prefix === '' ? name : `${prefix}/${name}`, {
        contentType,
        plain: readFileSync(path),
        ...(gzip === undefined ? {} : { gzip }),
        ...(br === undefined ? {} : { br }),
      });
    }
  }
  return found;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
