import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandNames } from '../../src/cli/commands.ts';

const root = join(import.meta.dirname, '../..');
const rows = readFileSync(join(root, 'docs/features.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe('the page of features', () => {
  it('has each of the 37 rows once, in order, all of them filled in', () => {
    expect(rows.map(([number]) => Number(number))).toEqual(
      Array.from({ length: 37 }, (_, index) => index + 1),
    );
    for (const row of rows) {
      expect(row).toHaveLength(4);
      expect(row.every((cell) => cell.length > 0)).toBe(true);
    }
  });

  it.each(rows.map(([number, feature, , test]) => [number, feature, test]))(
    'row %s (%s) names a test that is there',
    (_, __, cell) => {
      const [, path] = /^`(test\/[\w/.-]+\.test\.ts)`$/.exec(cell ?? '') ?? [];
      expect(path, cell).toBeDefined();
      expect(existsSync(join(root, path ?? ''))).toBe(true);
      expect(readFileSync(join(root, path ?? ''), 'utf8')).toMatch(/\b(it|test)\b/);
    },
  );

  it('names only commands that there are', () => {
    const text = rows.map((row) => row[2]).join(' ');
    const named = [...text.matchAll(/`hybrid-mlnode ([a-z]+)/g)].map(([, name]) => name ?? '');
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !commandNames.includes(name))).toEqual([]);
  });
});
