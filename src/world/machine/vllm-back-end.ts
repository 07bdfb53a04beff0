import type { WorldClock } from '../clock.ts';
import type { Outbound } from '../exchange.ts';
import type { Random } from '../random.ts';
import { climb } from './callback-ladder.ts';
import type { MlnodeBooks } from './mlnode-books.ts';
import type { PocV2Job, PocV2Work } from './poc-v2-payloads.ts';
import { VllmGeneration } from './vllm-generation.ts';
import { queuedNoncesLimit, type VllmJob, VllmValidation } from './vllm-validation.ts';

/** The text of vLLM's own answer to a call that it refuses, and its status. */
export interface BackEndRefusal {
  readonly status: 400 | 409 | 429;
  readonly detail: unknown;
}

export interface VllmBackEndOptions {
  readonly clock: WorldClock;
  readonly random: Random;
  readonly post: Outbound;
  readonly port: number;
  readonly model: string;
  readonly noncesPerMs: number;
  readonly books: MlnodeBooks;
  readonly isSenderStalled: () => boolean;
  readonly isStalled: () => boolean;
  readonly isWrong: () => boolean;
}

/** PoC v2 in one vLLM process: at most one generation, and a queue of given nonces (docs/reference/protocol.md "PoC v2"). */
export class VllmBackEnd {
  readonly port: number;
  readonly model: string;
  readonly #options: VllmBackEndOptions;
  readonly #validation: VllmValidation;
  readonly #closed = new AbortController();
  readonly #ended = new Map<string, () => void>();
  #generation: VllmGeneration | undefined;

  constructor(options: VllmBackEndOptions) {
    this.#options = options;
    this.port = options.port;
    this.model = options.model;
    const { clock, noncesPerMs, isWrong } = options;
    this.#validation = new VllmValidation({ clock, noncesPerMs, isWrong, onDone: (job) => this.#done(job) });
  }

  get generation(): VllmGeneration | undefined {
    return this.#generation;
  }
  get isValidating(): boolean {
    return this.#validation.isBusy;
  }

  start(work: PocV2Work, group: number, groupCount: number): BackEndRefusal | undefined {
    const refusal = this.#mismatch(work);
    if (refusal) return refusal;
    if (this.#generation) return { status: 409, detail: 'Already generating' };
    const account = this.#options.books.account(work.block_height);
    account.sawInit(work);
    this.#generation = new VllmGeneration({ ...this.#options, work, group, groupCount, account });
    return undefined;
  }

  stop(): void {
    this.#generation?.stop();
    this.#generation = undefined;
  }

  /** Takes a job; `ended` resolves with it when it is done. */
  take(job: PocV2Job): BackEndRefusal | { readonly entry: VllmJob; readonly ended: Promise<void> } {
    const refusal = this.#mismatch(job);
    if (refusal) return refusal;
    const { nonces, artifacts } = job;
    if (artifacts && artifacts.map(({ nonce }) => nonce).join() !== nonces.join())
      return { status: 400, detail: 'validation artifacts must match nonces' };
    if (this.#validation.queuedNonces + nonces.length > queuedNoncesLimit)
      return { status: 429, detail: 'Too many queued nonces' };
    if (artifacts) this.#options.books.account(job.block_height).validationsQueued += 1;
    const id = `${this.port}:${this.#uuid()}`;
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    this.#ended.set(id, resolve);
    return { entry: this.#validation.add(id, job), ended };
  }

  find(id: string): VllmJob | undefined {
    return this.#validation.find(id);
  }

  /** The process is gone: whoever waits hears that there is no result. */
  close(): void {
    this.stop();
    this.#validation.close();
    this.#closed.abort();
    for (const end of this.#ended.values()) end();
    this.#ended.clear();
  }

  #mismatch({ model, seq_len, k_dim }: PocV2Work): BackEndRefusal | undefined {
    if (model === this.model) return undefined;
    const requested = { model, seq_len, k_dim };
    const deployed = { model: this.model, seq_len, k_dim };
    return { status: 409, detail: { error: 'params mismatch', requested, deployed } };
  }

  #done({ id, job, result }: VllmJob): void {
    this.#ended.get(id)?.();
    this.#ended.delete(id);
    if (job.artifacts === undefined) return;
    const account = this.#options.books.account(job.block_height);
    account.validationsDone += 1;
    if (job.url === undefined || job.wait) return;
    const body = JSON.stringify(result);
    const entry = account.openCallback('validated', body, job.nonces.length);
    const { clock, post, isSenderStalled } = this.#options;
    const signal = this.#closed.signal;
    const payload = { url: `${job.url}/validated`, body, entry };
    void climb({ clock, post, signal, isStalled: isSenderStalled }, payload);
  }

  #uuid(): string {
    const hex = (length: number): string =>
      Array.from({ length }, () => Math.floor(this.#options.random.next() * 16).toString(16)).join('');
    return [hex(8), hex(4), `4${hex(3)}`, `8${hex(3)}`, hex(12)].join('-');
  }
}
