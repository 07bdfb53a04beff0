import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { OneRun } from '../src/simulation/run-once.ts';
import type { RunTerms } from '../src/simulation/run-terms.ts';

/** What a worker says of one run; `failure`: the simulation itself threw. */
export type RunAnswer =
  | { readonly terms: RunTerms; readonly run: OneRun }
  | { readonly terms: RunTerms; readonly failure: string };

export interface PoolOptions {
  /** Called with each run that is over, in whatever order they end. */
  onRun?(answer: RunAnswer): void;
  /** Processes at once. Default: one a core. */
  readonly workers?: number;
}

const workerPath = fileURLToPath(new URL('worker.ts', import.meta.url));

/** Runs every simulation of a list, each in one of some worker processes; the answers in the order of the list. */
export async function runAll(
  list: readonly RunTerms[],
  options: PoolOptions = {},
): Promise<readonly RunAnswer[]> {
  const answers: RunAnswer[] = [];
  let next = 0;
  const count = Math.min(list.length, options.workers ?? availableParallelism());
  const work = async (): Promise<void> => {
    const child = fork(workerPath, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    try {
      for (let at = next++; at < list.length; at = next++) {
        const answer = await askOf(child, list[at] as RunTerms);
        answers[at] = answer;
        options.onRun?.(answer);
      }
    } finally {
      child.disconnect();
    }
  };
  await Promise.all(Array.from({ length: count }, work));
  return answers;
}

function askOf(child: ChildProcess, terms: RunTerms): Promise<RunAnswer> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null): void =>
      reject(new Error(`the worker with seed ${terms.seed} ended with ${code}`));
    child.once('exit', died);
    child.once('message', (answer) => {
      child.off('exit', died);
      resolve(answer as RunAnswer);
    });
    child.send(terms);
  });
}
