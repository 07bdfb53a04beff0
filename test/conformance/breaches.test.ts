import { describe, expect, it, onTestFinished } from 'vitest';
import { chapters } from '../../src/conformance/chapters.ts';
import { lookingBreaches } from './looking-breaches.ts';
import { lines, newestCase, outcomesOf, postJson } from './node-case.ts';
import { pocV2Breaches } from './poc-v2-breaches.ts';
import { powBreaches } from './pow-breaches.ts';
import { serviceBreaches } from './service-breaches.ts';

const model = 'org/model';
const breaches = { ...lookingBreaches, ...serviceBreaches, ...powBreaches, ...pocV2Breaches };
const rules = chapters.flatMap((chapter) => chapter.rules);

describe('a node that breaks exactly one rule', () => {
  it('is there for every rule, and for nothing else', () => {
    expect(Object.keys(breaches).toSorted()).toEqual(rules.map(({ id }) => id).toSorted());
  });

  it.each(rules.map(({ id, sentence }) => [id, sentence]))(
    'fails in exactly that line: %s %s',
    async (id) => {
      const breach = breaches[id]?.();
      if (breach === undefined) throw new Error(`no breach for ${id}`);
      const { options, close } = await newestCase(breach.mutation);
      onTestFinished(close);
      if (breach.found === 'INFERENCE') await startInference(options.url);
      const outcomes = await outcomesOf({
        ...options,
        model,
        generations: ['v1', 'v2'],
        pollLimitMs: 150,
        ...breach.options,
      });
      expect(lines(outcomes, 'failed')).toEqual([expect.stringMatching(new RegExp(`^${id}: .`))]);
    },
  );
});

async function startInference(url: string): Promise<void> {
  const answer = await postJson(`${url}/api/v1/inference/up`, { model, dtype: 'auto', additional_args: [] });
  expect(answer.status).toBe(200);
}
