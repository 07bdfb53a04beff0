import { HybridError } from '../errors.ts';
import type { Clock } from './clock.ts';

export type Job = () => void;

/** So many jobs are done in one go; then others of the process get their turn. */
const jobsInOneGo = 1000;
/** Of the clock. A store that fails is busy for a moment, or full for hours. */
const retryMs = { first: 50, most: 5_000 };

/**
 * Work that follows from commits, done in order and never nested: a job that leads to others puts them behind. When
 * the store fails, the job stays at the head and is tried again; nothing overtakes it.
 */
export class JobQueue {
  readonly #betweenJobs: () => void;
  readonly #clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
  #jobs: Job[] = [];
  #isSettling = false;
  #later: unknown;
  #retryMs = retryMs.first;
  #isStopped = false;

  /** `betweenJobs` runs before each job and after the last. */
  constructor(betweenJobs: () => void, clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>) {
    this.#betweenJobs = betweenJobs;
    this.#clock = clock;
  }

  add(job: Job): void {
    this.#jobs.push(job);
  }

  /** Does what is waiting. Returns at once when called from within a job. */
  settle(): void {
    if (this.#isSettling || this.#isStopped) return;
    this.#isSettling = true;
    try {
      this.#work();
    } finally {
      this.#isSettling = false;
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#jobs = [];
    this.#clock.clearTimeout(this.#later);
  }

  #work(): void {
    for (let done = 0; done < jobsInOneGo; done++) {
      this.#betweenJobs();
      const job = this.#jobs[0];
      if (job === undefined) return;
      try {
        job();
      } catch (error) {
        if (isStoreFailure(error)) return this.#tryAgain();
        this.#jobs.shift();
        throw error;
      }
      this.#retryMs = retryMs.first;
      this.#jobs.shift();
    }
    this.#settleIn(0);
  }

  #tryAgain(): void {
    this.#settleIn(this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, retryMs.most);
  }

  #settleIn(ms: number): void {
    if (this.#isStopped) return;
    this.#clock.clearTimeout(this.#later);
    this.#later = this.#clock.setTimeout(() => this.settle(), ms);
  }
}

/** The store failed, as opposed to what was to be written. */
export const isStoreFailure = (error: unknown): error is HybridError =>
  error instanceof HybridError && error.code === 'STORE_BROKEN';
