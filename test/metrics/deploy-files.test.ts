import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exposedNames, metricCatalogue, metricNames, metricPrefix } from '../../src/metrics/catalogue.ts';
import { root } from '../house/source-files.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const namesIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/\bhybrid_mlnode_\w+/g)].map(([name]) => name)),
];

/** Selectors with the labels that they ask for. */
const selectors = (text: string): [name: string, label: string, value: string][] =>
  [...text.matchAll(/(hybrid_mlnode_\w+)\{([^}]*)\}/g)].flatMap(([, name = '', inside = '']) =>
    [...inside.matchAll(/(\w+)\s*=~?\s*"([^"]*)"/g)].map(
      ([, label = '', value = '']): [string, string, string] => [name, label, value],
    ),
  );

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly {
    readonly type: string;
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets?: readonly { readonly expr: string }[];
  }[];
}
const dashboard = JSON.parse(read('deploy/grafana/hybrid-mlnode.json')) as Dashboard;
const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
const rules = read('deploy/prometheus/alerts.yml');

const definitionOf = (exposed: string) =>
  metricCatalogue[
    exposed.slice(metricPrefix.length).replace(/_(bucket|sum|count)$/, '') as keyof typeof metricCatalogue
  ];

describe.each([
  ['the dashboard', expressions.join('\n')],
  ['the alert rules', rules],
])('%s', (_, text) => {
  it('asks for metrics that exist', () => {
    const names = namesIn(text);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !exposedNames.includes(name))).toEqual([]);
  });

  it('asks for labels and values that exist', () => {
    const asked = selectors(text).filter(([, label]) => label !== 'instance');
    for (const [name, label, value] of asked) {
      const values = (definitionOf(name) as { labels?: Record<string, string> }).labels?.[label] ?? '';
      for (const each of value.split('|')) expect(`${name} ${label}: ${values}`).toContain(`\`${each}\``);
    }
  });

  it('never takes the rate of a gauge, nor the bare value of a counter that begins anew', () => {
    for (const [, func = '', name = ''] of text.matchAll(/\b(rate|increase|changes)\((hybrid_mlnode_\w+)/g)) {
      const { type } = definitionOf(name);
      if (func === 'changes') expect([name, type]).toEqual([name, 'gauge']);
      else expect([name, ['counter', 'histogram'].includes(type)]).toEqual([name, true]);
    }
  });
});

describe('the dashboard', () => {
  it('shows every metric somewhere', () => {
    const shown = new Set(namesIn(expressions.join('\n')));
    const hidden = metricNames.filter(
      (name) => !shown.has(metricPrefix + name) && !shown.has(`${metricPrefix}${name}_bucket`),
    );
    // Read off others, or of use in rules only.
    expect(hidden).toEqual([
      'start_timestamp_seconds',
      'rows_open',
      'rows_parked',
      'poc_missed_total',
      'leases_live',
      'instance_orphan_seconds_total',
      'rental_epoch_cap_dollars',
      'rental_price_cap_dollars_per_hour',
    ]);
  });

  it('has panels that do not lie on each other', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, place) => `${x + (place % w)},${y + Math.floor(place / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(dashboard.panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });
});

describe('the alert rules', () => {
  it('link to runbooks that exist', () => {
    const pages = [...rules.matchAll(/docs\/runbooks\/[\w-]+\.md/g)].map(([page]) => page);
    expect(pages.length).toBeGreaterThan(5);
    expect(pages.filter((page) => !existsSync(join(root, page)))).toEqual([]);
  });

  it('each have a name of their own, a severity and words', () => {
    const names = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const part of ['expr:', 'labels: {severity: ', 'summary: ', 'description: '])
      expect(rules.split(part).length - 1).toBe(names.length);
  });
});
