import { expect, it } from 'vitest';
import { simulate } from './simulated-run.ts';

it('epochs that governance makes shorter and then longer are planned anew, and none is missed', async () => {
  const lengths = [9_000, 14_000];
  const starts: number[] = [];
  const { figures, violations } = await simulate({
    epochs: 4,
    seed: 3,
    accidents: 0,
    onEpoch: (_, { town }) => {
      const { chain } = town;
      starts.push(chain.stagesAt(chain.height).poc_start);
      const epochLength = lengths.shift();
      if (epochLength !== undefined) town.govern({ epoch: { epochLength } });
    },
  });
  expect(violations).toEqual([]);
  expect(starts.slice(1).map((start, at) => start - (starts[at] ?? 0))).toEqual([9_000, 14_000, 14_000]);
  expect(figures).toMatchObject({ completed: 4, missed: 0, leakedInstances: 0 });
});
