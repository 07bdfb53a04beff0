import { artifactVector, vectorDistance } from '../artifact-vector.ts';
import { binomialTail } from '../binomial-tail.ts';
import type { WorldClock, WorldTimer } from '../clock.ts';
import { type Artifact, artifactEncoding, type PocV2Job } from './poc-v2-payloads.ts';

export type JobStatus = 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';

/** One `generate` call. */
export interface VllmJob {
  readonly id: string;
  readonly job: PocV2Job;
  status: JobStatus;
  /** What a call with `wait` answers, and what is kept for those that ask later. */
  result: Readonly<Record<string, unknown>> | undefined;
}

/** Nonces that may wait. */
export const queuedNoncesLimit = 100_000;
/** Results are kept this long, world milliseconds. */
const keptMs = 300_000;

export interface ValidationOptions {
  readonly clock: WorldClock;
  readonly noncesPerMs: number;
  readonly isWrong: () => boolean;
  readonly onDone: (job: VllmJob) => void;
}

/** The queue of one vLLM for given nonces: computed in order, compared where artifacts were sent along. */
export class VllmValidation {
  readonly #options: ValidationOptions;
  readonly #jobs = new Map<string, VllmJob>();
  readonly #waiting: VllmJob[] = [];
  #running: VllmJob | undefined;
  readonly #timers = new Set<WorldTimer>();

  constructor(options: ValidationOptions) {
    this.#options = options;
  }

  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  get queuedNonces(): number {
    const jobs = [...this.#waiting, ...(this.#running ? [this.#running] : [])];
    return jobs.reduce((sum, { job }) => sum + job.nonces.length, 0);
  }

  /** `onDone` hears of its end. */
  add(id: string, job: PocV2Job): VllmJob {
    const entry: VllmJob = { id, job, status: 'queued', result: undefined };
    this.#jobs.set(id, entry);
    this.#waiting.push(entry);
    this.#next();
    return entry;
  }

  find(id: string): VllmJob | undefined {
    return this.#jobs.get(id);
  }

  close(): void {
    for (const timer of this.#timers) this.#options.clock.clearTimeout(timer);
    this.#waiting.length = 0;
  }

  #next(): void {
    if (this.#running !== undefined) return;
    const entry = this.#waiting.shift();
    this.#running = entry;
    if (entry === undefined) return;
    entry.status = 'running';
    this.#after(entry.job.nonces.length / this.#options.noncesPerMs, () => {
      entry.result = this.#resultOf(entry);
      entry.status = 'completed';
      this.#running = undefined;
      this.#after(keptMs, () => this.#jobs.delete(entry.id));
      this.#options.onDone(entry);
      this.#next();
    });
  }

  #resultOf({ id, job }: VllmJob): Record<string, unknown> {
    const own = job.nonces.map((nonce) => this.#artifact(job, nonce));
    const { public_key, block_hash, block_height, node_id, artifacts } = job;
    const head = { request_id: id, block_hash, block_height, public_key, node_id };
    if (artifacts === undefined)
      return { ...head, artifacts: own, encoding: { ...artifactEncoding, k_dim: job.k_dim } };
    const wrong = artifacts.filter(
      ({ vector_b64: sent }, at) => vectorDistance(sent, own[at]?.vector_b64 ?? '') > job.distThreshold,
    );
    const pValue = binomialTail(wrong.length, artifacts.length, job.pMismatch);
    return {
      ...head,
      n_total: artifacts.length,
      n_mismatch: wrong.length,
      mismatch_nonces: wrong.map(({ nonce }) => nonce),
      p_value: pValue,
      fraud_detected: pValue < job.fraudThreshold,
    };
  }

  #artifact({ block_hash, public_key: publicKey, model }: PocV2Job, nonce: number): Artifact {
    const blockHash = this.#options.isWrong() ? `${block_hash} of another build` : block_hash;
    return { nonce, vector_b64: artifactVector({ blockHash, publicKey, nonce, model }) };
  }

  #after(ms: number, act: () => void): void {
    const timer = this.#options.clock.setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }
}
