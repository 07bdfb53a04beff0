import { runOnce } from '../src/simulation/run-once.ts';
import type { RunTerms } from '../src/simulation/run-terms.ts';
import type { RunAnswer } from './worker-pool.ts';

/** Runs what it is sent, one simulation after the other; ends when its parent is gone. */
process.on('message', (terms: RunTerms) => {
  void answer(terms).then((told) => process.send?.(told));
});
process.on('disconnect', () => process.exit(0));

async function answer(terms: RunTerms): Promise<RunAnswer> {
  try {
    return { terms, run: await runOnce(terms) };
  } catch (error) {
    return { terms, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
