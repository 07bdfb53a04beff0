import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AlertKindName, alertKindNames, alertKinds } from '../../src/alerts/alert-kinds.ts';
import { kindOfAlert, kindRules } from '../../src/alerts/kind-of-alert.ts';
import { catalogue, type ErrorCode } from '../../src/errors.ts';
import { root, sourceFiles, textOf } from '../house/source-files.ts';

const folder = join(root, 'docs/runbooks');

/** Keys with which the source raises an alert, as far as the first colon. */
async function raisedKeys(): Promise<Set<string>> {
  const rooms = (await sourceFiles('src')).filter((path) => /^src\/(machines|wiring)\//.test(path));
  const texts = rooms
    .map(textOf)
    .filter((text) => /raiseAlert|alerts\.raise|: Alert\b|readonly Alert\[\]/.test(text));
  return new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/\bkey: ?(?:[`'])([a-z][A-Za-z -]*)/g)].map(([, key = '']) => key.trim()),
    ),
  );
}

describe('a kind of alert', () => {
  it('has a page, and every page has a kind', () => {
    const pages = readdirSync(folder).map((name) => name.replace(/\.md$/, ''));
    expect(pages.filter((name) => name !== 'index').toSorted()).toEqual([...alertKindNames].toSorted());
  });

  it.each(alertKindNames)(
    '%s has a page that says the same, where to look, what to do and how it ends',
    (name) => {
      const page = readFileSync(join(folder, `${name}.md`), 'utf8');
      const { title, meaning, severity } = alertKinds[name];
      expect(page).toMatch(new RegExp(`^# ${title.replaceAll(/[().]/g, '\\$&')}\n`));
      expect(page).toContain(`Severity: ${severity}. ${meaning}`);
      expect([...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual([
        'Look',
        'Do',
        'How it ends',
      ]);
    },
  );

  it('is told within 30 s, the look at open alerts included', () => {
    for (const kind of Object.values(alertKinds))
      expect((kind as { settleMs?: number }).settleMs ?? 0).toBeLessThan(25_000);
  });

  it('comes of a rule, and every rule leads to one', () => {
    const ruled = new Set<AlertKindName>(kindRules.map(({ kind }) => kind));
    expect([...alertKindNames].filter((name) => !ruled.has(name))).toEqual(['unclassified']);
  });
});

describe('an alert', () => {
  it('of every key that the source raises is of a known kind, whatever its code', async () => {
    const keys = await raisedKeys();
    // Charts, accountant and watches; a new one has to find its place in the table.
    expect(keys.size).toBeGreaterThan(15);
    const codesOf = (key: string): ErrorCode[] => {
      const own = kindRules.some((rule) => rule.key === key);
      return own ? (Object.keys(catalogue) as ErrorCode[]) : [];
    };
    for (const key of keys)
      for (const code of codesOf(key))
        expect([key, code, kindOfAlert({ key, code })]).not.toContain('unclassified');
  });

  it('of a key without a rule of its own has a code with one', async () => {
    const keyed = new Set(kindRules.flatMap(({ key }) => key ?? []));
    const coded = new Set(kindRules.flatMap(({ codes, key }) => (key === undefined ? (codes ?? []) : [])));
    const rooms = (await sourceFiles('src')).filter((path) => /^src\/(machines|wiring)\//.test(path));
    const loose = rooms.flatMap((path) =>
      [...textOf(path).matchAll(/key: ?[`']([a-z][A-Za-z -]*)[^,]*,\s*code: (?:\w+ > 0 \? )?'([A-Z_]+)'/g)]
        .filter(([, key = '', code = '']) => !keyed.has(key) && !coded.has(code as ErrorCode))
        .map(([, key, code]) => `${path}: ${key} ${code}`),
    );
    expect(loose).toEqual([]);
  });

  it.each([
    ['destroy:L1', 'VAST_RATE_LIMITED', 'leak'],
    ['orphans', 'VAST_ORPHAN_FOUND', 'leak'],
    ['orphan look', 'VAST_KEY_REFUSED', 'vast-down'],
    ['renting', 'VAST_NO_OFFER', 'renting-blocked'],
    ['renting', 'SPEND_CAP_REACHED', 'cap-reached'],
    ['renting', 'VAST_NO_CREDIT', 'credit-low'],
    ['renting', 'VAST_KEY_REFUSED', 'vast-down'],
    ['breaker:hyperbolic', 'UPSTREAM_KEY_REFUSED', 'upstream-down'],
    ['parked:lease:L1', 'STORE_FULL', 'row-parked'],
    ['something new', 'MLNODE_REFUSED', 'unclassified'],
  ] as const)('%s with %s is %s', (key, code, kind) => {
    expect(kindOfAlert({ key, code })).toBe(kind);
  });

  it('of every kind is raised somewhere', async () => {
    const source = (await sourceFiles('src'))
      .filter((path) => /^src\/(machines|wiring|adapters|runtime)\//.test(path))
      .map(textOf)
      .join('\n');
    const silent = alertKindNames.filter((name) => {
      const rules = kindRules.filter(({ kind }) => kind === name);
      return !rules.some(
        ({ key, codes }) =>
          (key === undefined || new RegExp(`key: ?[\`']${key}\\b|alertKey = '${key}'`).test(source)) &&
          (codes === undefined || codes.some((code) => source.includes(`'${code}'`))),
      );
    });
    expect(silent).toEqual(['unclassified']);
  });
});
