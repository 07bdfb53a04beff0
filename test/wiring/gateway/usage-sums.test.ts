import { expect, it } from 'vitest';
import { microUsd } from '../../../src/units.ts';
import { UsageSums } from '../../../src/wiring/gateway/usage-sums.ts';

const usage = (caller: string) => ({
  day: 1,
  caller,
  backEnd: 'b',
  model: 'm',
  requests: 1,
  failed: 0,
  promptTokens: 1,
  completionTokens: 1,
  cost: microUsd(1),
  unknownCost: 0,
  assumedTokens: 0,
  assumedCost: microUsd(0),
});

it('sums of usage stay bounded and lose nothing', () => {
  const sums = new UsageSums();
  for (let each = 0; each < 10_050; each += 1) sums.add(usage(`caller-${each}`));
  sums.add(usage('caller-1'));
  expect(sums.size).toBe(10_001);
  expect(sums.rows().reduce((sum, { requests }) => sum + requests, 0)).toBe(10_051);
  expect(sums.rows().at(-1)).toMatchObject({ caller: '(others)', requests: 50 });
  sums.clear();
  expect(sums.rows()).toEqual([]);
});
