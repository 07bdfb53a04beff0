import { artifactVector } from '../artifact-vector.ts';
import type { WorldClock, WorldTimer } from '../clock.ts';
import type { Outbound } from '../exchange.ts';
import { climb } from './callback-ladder.ts';
import type { PocAccount } from './mlnode-books.ts';
import { NonceIterator } from './nonce-iterator.ts';
import { type Artifact, artifactEncoding, type PocV2Work } from './poc-v2-payloads.ts';

/** World milliseconds between two payloads, and before the first. */
const callbackPauseMs = 5_000;
/** Artifacts that wait for a payload; beyond it the oldest go. */
const pendingLimit = 1_000_000;

export interface GenerationOptions {
  readonly clock: WorldClock;
  readonly post: Outbound;
  readonly work: PocV2Work;
  readonly group: number;
  readonly groupCount: number;
  /** Nonces of this vLLM in a world millisecond. */
  readonly noncesPerMs: number;
  readonly account: PocAccount;
  readonly isSenderStalled: () => boolean;
  /** Nothing is computed while true. */
  readonly isStalled: () => boolean;
  /** Weights or kernels are not those of the network: vectors differ. */
  readonly isWrong: () => boolean;
}

/** One vLLM that generates: batches one after the other until it is stopped, and the sender of what it found. */
export class VllmGeneration {
  readonly work: PocV2Work;
  readonly startedAt: number;
  readonly #options: GenerationOptions;
  readonly #nonces: NonceIterator;
  readonly #stopped = new AbortController();
  #pending: Artifact[] = [];
  #isSending = false;
  #processed = 0;
  #batchTimer: WorldTimer | undefined;
  #sendTimer: WorldTimer | undefined;

  constructor(options: GenerationOptions) {
    this.#options = options;
    this.work = options.work;
    this.startedAt = options.clock.now();
    const { work, group, groupCount } = options;
    this.#nonces = new NonceIterator({
      nodeId: work.node_id,
      nodeCount: work.node_count,
      group,
      groupCount,
    });
    this.#batch();
  }

  /** `config` and `stats` of a back end's status. */
  status(): { readonly config: object; readonly stats: object } {
    const { group, groupCount, clock } = this.#options;
    const { block_hash, block_height, public_key, node_id, node_count, seq_len, k_dim } = this.work;
    const seconds = Math.max(0.001, (clock.now() - this.startedAt) / 1_000);
    return {
      config: {
        block_hash,
        block_height,
        public_key,
        node_id,
        node_count,
        group_id: group,
        n_groups: groupCount,
        seq_len,
        k_dim,
      },
      stats: { total_processed: this.#processed, nonces_per_second: this.#processed / seconds },
    };
  }

  /** What was not sent is discarded. */
  stop(): void {
    const { clock } = this.#options;
    this.#stopped.abort();
    clock.clearTimeout(this.#batchTimer);
    clock.clearTimeout(this.#sendTimer);
    this.#pending = [];
  }

  #batch(): void {
    const { clock, noncesPerMs, work } = this.#options;
    this.#batchTimer = clock.setTimeout(() => {
      if (!this.#options.isStalled()) this.#compute();
      this.#batch();
    }, work.batch_size / noncesPerMs);
  }

  #compute(): void {
    const { work, account, isWrong } = this.#options;
    const nonces = this.#nonces.take(work.batch_size);
    const blockHash = isWrong() ? `${work.block_hash} of another build` : work.block_hash;
    for (const nonce of nonces) {
      account.computed.add(nonce);
      const { public_key: publicKey, model } = work;
      this.#pending.push({ nonce, vector_b64: artifactVector({ blockHash, publicKey, nonce, model }) });
    }
    this.#processed += nonces.length;
    if (this.#pending.length > pendingLimit) this.#pending.splice(0, this.#pending.length - pendingLimit);
    this.#schedule();
  }

  /** The next beat at which there is something to send. */
  #schedule(): void {
    if (this.#isSending || this.#sendTimer !== undefined || this.#pending.length === 0) return;
    const { clock } = this.#options;
    const sinceMs = (clock.now() - this.startedAt) % callbackPauseMs;
    this.#sendTimer = clock.setTimeout(() => void this.#send(), callbackPauseMs - sinceMs);
  }

  /** At most one payload is under way; what is found meanwhile goes into the next. */
  async #send(): Promise<void> {
    this.#sendTimer = undefined;
    const { work, account, clock, post, isSenderStalled } = this.#options;
    const artifacts = this.#pending;
    this.#pending = [];
    if (work.url === undefined || artifacts.length === 0) return;
    this.#isSending = true;
    const { public_key, block_hash, block_height, node_id } = work;
    const encoding = { ...artifactEncoding, k_dim: work.k_dim };
    const body = JSON.stringify({ public_key, block_hash, block_height, node_id, artifacts, encoding });
    const entry = account.openCallback('generated', body, artifacts.length);
    for (const { nonce } of artifacts) account.posted.add(nonce);
    const url = `${work.url}/generated`;
    const signal = this.#stopped.signal;
    await climb({ clock, post, signal, isStalled: isSenderStalled }, { url, body, entry });
    this.#isSending = false;
    if (!signal.aborted) this.#schedule();
  }
}
