import { expect, test } from 'vitest';
import { callerRules } from './rules-callers.ts';
import { failureRules } from './rules-failures.ts';
import { gonkaRules } from './rules-gonka.ts';
import { limitRules } from './rules-limits.ts';
import { streamRules } from './rules-streams.ts';
import { wireRules } from './rules-wire.ts';

/**
 * The rules for standing between callers and an inference API (HYP), and the traps of the network's inference path
 * (GP), each by its number (docs/reference/inference.md "Rules").
 */
const rules = [...streamRules, ...failureRules, ...limitRules, ...wireRules, ...callerRules, ...gonkaRules];

test.each(rules)('$id: $rule', ({ check }) => check());

test('none is missing', () => {
  const numbers = (count: number, from: number, prefix: string): string[] =>
    Array.from({ length: count }, (_, i) => `${prefix}${from + i}`);
  const due = [...numbers(34, 1, 'HYP-H'), ...numbers(9, 45, 'GP-')];
  expect(rules.map(({ id }) => id).toSorted()).toEqual(due.toSorted());
});
