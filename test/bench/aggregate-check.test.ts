import { expect, it } from 'vitest';
import { isAggregate } from '../../bench/aggregate-case.ts';
import { benchModel, plainExchange, streamedText } from '../../bench/traffic.ts';

const aggregate = {
  object: 'chat.completion',
  model: benchModel,
  choices: [{ message: { content: streamedText() }, finish_reason: 'stop' }],
  usage: { total_tokens: 308 },
};
const judged = (body: object): boolean => isAggregate(Buffer.from(JSON.stringify(body)));

it('takes an aggregate only with the whole text, the end and the usage', () => {
  expect(judged(aggregate)).toBe(true);
  const [choice] = aggregate.choices;
  expect(judged({ ...aggregate, choices: [{ ...choice, message: { content: ' word0' } }] })).toBe(false);
  expect(judged({ ...aggregate, choices: [{ ...choice, finish_reason: null }] })).toBe(false);
  expect(judged({ ...aggregate, usage: { total_tokens: 307 } })).toBe(false);
  expect(isAggregate(plainExchange().answer)).toBe(false);
  expect(isAggregate(Buffer.from('no JSON'))).toBe(false);
});
