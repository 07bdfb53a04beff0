import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, sourceFiles, textOf } from '../house/source-files.ts';

interface Citation {
  readonly in: string;
  readonly page: string;
  readonly section: string;
}

/** `docs/reference/vast.md "Create"`, further sections of the same page following after commas. */
function citationsOf(path: string): Citation[] {
  const text = textOf(path).replaceAll(/\s*\n\s*(?:\*|\/\/)?\s*/g, ' ');
  const cited = /(docs\/[\w/.-]+\.md)((?:,? (?:and )?"[^"]+")+)/g;
  return [...text.matchAll(cited)].flatMap(([, page = '', sections = '']) =>
    [...sections.matchAll(/"([^"]+)"/g)].map(([, section = '']) => ({ in: path, page, section })),
  );
}

function headingsOf(page: string): string[] {
  if (!existsSync(join(root, page))) return [];
  const text = readFileSync(join(root, page), 'utf8').replaceAll(/^```.*?^```/gms, '');
  return [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading.trim());
}

/** The heading itself, or its first words. */
const isThere = (citation: Citation): boolean =>
  headingsOf(citation.page).some(
    (heading) => heading === citation.section || heading.startsWith(`${citation.section} `),
  );

async function markdownFiles(): Promise<string[]> {
  const inDocs = await readdir(join(root, 'docs'), { recursive: true });
  return [
    ...inDocs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md',
  ];
}

describe('a source of a fact', () => {
  it('that a comment names is there: page and section', async () => {
    const citations = (await sourceFiles('src', 'test')).flatMap(citationsOf);
    expect(citations.length).toBeGreaterThan(10);
    const missing = citations.filter((citation) => !isThere(citation));
    expect(missing.map(({ in: file, page, section }) => `${file}: ${page} "${section}"`)).toEqual([]);
  });
});

describe('a link between pages', () => {
  it('leads to a file that exists, and to a heading of it', async () => {
    const broken: string[] = [];
    for (const page of await markdownFiles()) {
      const text = readFileSync(join(root, page), 'utf8').replaceAll(/^```.*?^```/gms, '');
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [file = '', anchor] = target.split('#');
        const path = file === '' ? page : join(dirname(page), file);
        if (!existsSync(join(root, path))) broken.push(`${page}: ${target}`);
        else if (anchor !== undefined && !headingsOf(path).map(anchorOf).includes(anchor))
          broken.push(`${page}: ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });
});

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(' ', '-');
