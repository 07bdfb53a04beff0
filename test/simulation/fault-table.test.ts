import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { faultCatalogue } from '../../src/simulation/fault-catalogue.ts';
import { faultTable } from './fault-table.ts';

const known = new Set(faultCatalogue.map(({ name }) => name));

it.each(faultTable.map(([what, ...covers]) => [what, covers] as const))(
  '%s: what covers it is there',
  (_, covers) => {
    expect(covers.length).toBeGreaterThan(0);
    for (const cover of covers) {
      if ('fault' in cover) expect(known).toContain(cover.fault);
      else expect(readFileSync(cover.test, 'utf8')).toContain(cover.title);
    }
  },
);

it('every fault of the catalogue has its row', () => {
  const covered = new Set(
    faultTable.flatMap(([, ...covers]) => covers.flatMap((cover) => ('fault' in cover ? [cover.fault] : []))),
  );
  expect([...known].filter((name) => !covered.has(name))).toEqual([]);
});
