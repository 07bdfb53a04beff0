import { HybridError } from '../errors.ts';

export type Job = () => void;

/** So many jobs are done in one go; then others of the process get their turn. */
const jobsInOneGo = 1000;
const retryAfterRealMs = 50;

/**
 * Work that follows from commits, done in order and never nested: a job that leads to others puts them behind. When
 * the store fails, the job stays at the head and is tried again; nothing overtakes it.
 */
export class JobQueue {
  readonly #betweenJobs: () => void;
  #jobs: Job[] = [];
  #isSettling = false;
  #later: NodeJS.Timeout | undefined;
  #isStopped = false;

  /** `betweenJobs` runs before each job and after the last. */
  constructor(betweenJobs: () => void) {
    this.#betweenJobs = betweenJobs;
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
    clearTimeout(this.#later);
  }

  #work(): void {
    for (let done = 0; done < jobsInOneGo; done++) {
      this.#betweenJobs();
      const job = this.#jobs[0];
      if (job === undefined) return;
      try {
        job();
      } catch (error) {
        if (isStoreFailure(error)) return this.#settleIn(retryAfterRealMs);
        this.#jobs.shift();
        throw error;
      }
      this.#jobs.shift();
    }
    this.#settleIn(0);
  }

  #settleIn(realMs: number): void {
    if (this.#isStopped) return;
    clearTimeout(this.#later);
    this.#later = setTimeout(() => this.settle(), realMs);
  }
}

/** The store failed, as opposed to what was to be written. */
export const isStoreFailure = (error: unknown): error is HybridError =>
  error instanceof HybridError && error.code === 'STORE_BROKEN';
