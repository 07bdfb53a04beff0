import type { Answer } from './answer.ts';
import type { NodeUnderTest } from './node-under-test.ts';
import { Broken, NotApplicable } from './rule.ts';

/** One slow answer among these is a hiccup of the way there, five are the node's. */
const polls = 9;

/** Asks nine times. Throws Broken when the median is over the limit, NotApplicable when nothing listens. */
export async function medianMs(node: NodeUnderTest, poll: () => Promise<Answer | null>): Promise<void> {
  const times: number[] = [];
  let what = '';
  for (let count = 0; count < polls; count += 1) {
    const answer = await poll();
    if (answer === null) throw new NotApplicable('nothing listens there at the moment');
    times.push(answer.ms);
    what = answer.what;
  }
  const median = times.toSorted((a, b) => a - b)[Math.floor(polls / 2)] ?? 0;
  const { pollLimitMs } = node.options;
  if (median > pollLimitMs)
    throw new Broken(`${what} took ${Math.round(median)} ms in the middle of ${polls} polls`);
}
