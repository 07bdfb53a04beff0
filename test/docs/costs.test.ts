import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commonOptions, costRuns, marks } from '../../docs/costs.ts';
import { parseArguments } from '../../src/cli/arguments.ts';
import { simulatedChains, simulatedPolicies } from '../../src/simulation/run-terms.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/costs.md'), 'utf8');
const table = page.split(marks.begin)[1]?.split(marks.end)[0] ?? '';
const lines = table
  .trim()
  .split('\n')
  .slice(2)
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe('the page of costs', () => {
  it('has a line with figures for every run, with the options that repeat it', () => {
    expect(lines.map((cells) => cells.at(-1))).toEqual(costRuns.map(({ options }) => `\`${options}\``));
    for (const cells of lines) {
      expect(cells).toHaveLength(9);
      expect(cells.slice(2, 8).every((cell) => /^(\d[\d.]*(, \d+ leaked)?|–)$/.test(cell))).toBe(true);
    }
    expect(page).toContain(commonOptions);
  });

  it.each(costRuns.map(({ options }) => options))('%s is what the command takes', (options) => {
    const { values } = parseArguments([...commonOptions.split(' '), ...options.split(' ')], {
      epochs: { type: 'string' },
      seed: { type: 'string' },
      'host-failure': { type: 'string' },
      chain: { type: 'string', default: 'v1' },
      policy: { type: 'string', default: 'auto' },
      fleet: { type: 'string' },
    });
    expect(simulatedChains).toContain(values.chain);
    expect(simulatedPolicies).toContain(values.policy);
  });
});
