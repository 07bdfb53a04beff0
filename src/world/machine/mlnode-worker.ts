import type { WorldClock, WorldTimer } from '../clock.ts';
import type { GpuGroup } from './gpu-groups.ts';
import {
  type InitRequest,
  probabilityHonest,
  type ProofBatch,
  type ValidatedBatch,
} from './mlnode-payloads.ts';
import type { Phase } from './mlnode-sender.ts';
import { nonceDistance } from './nonce-distance.ts';
import type { NonceIterator } from './nonce-iterator.ts';

/** The official log of an 80 GB H100 shows 247; the batch is sized by free memory (docs/reference/protocol.md "Mainnet parameters"). */
const noncesPerBatchAndMb = 247 / (80 * 1024);

interface WorkerOptions {
  readonly clock: WorldClock;
  readonly group: GpuGroup;
  readonly request: InitRequest;
  readonly nonces: NonceIterator;
  /** World milliseconds until the model is ready. */
  readonly loadMs: number;
  /** Forward passes a world millisecond, valid or not. */
  readonly noncesPerMs: number;
  readonly phase: () => Phase;
  readonly nextValidation: () => ProofBatch | undefined;
  readonly onGenerated: (batch: ProofBatch) => void;
  readonly onValidated: (batch: ValidatedBatch) => void;
}

/**
 * The processes of one GPU group: load the model, then work in batches on whatever the phase asks for. A batch that
 * runs when the phase changes is finished; one that runs at `close` is lost.
 */
export class MlnodeWorker {
  readonly #options: WorkerOptions;
  #timer: WorldTimer | undefined;
  #isBusy = true;
  #isLoaded = false;
  #isClosed = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#after(options.loadMs, () => {
      this.#isLoaded = true;
    });
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** The phase changed or a batch was queued. */
  wake(): void {
    if (this.#isBusy || this.#isClosed) return;
    const phase = this.#options.phase();
    if (phase === 'GENERATE') this.#generate();
    if (phase === 'VALIDATE') this.#validate();
  }

  close(): void {
    this.#isClosed = true;
    this.#options.clock.clearTimeout(this.#timer);
  }

  #after(ms: number, finish: () => void): void {
    this.#isBusy = true;
    this.#timer = this.#options.clock.setTimeout(() => {
      if (this.#isClosed) return;
      this.#isBusy = false;
      finish();
      this.wake();
    }, ms);
  }

  #generate(): void {
    const { group, request, noncesPerMs } = this.#options;
    const size = Math.max(1, Math.round(group.ramMb * noncesPerBatchAndMb));
    const nonces = this.#options.nonces.take(size);
    this.#after(size / noncesPerMs, () => {
      // One in fifty is valid: no list of the others is made.
      const valid: { readonly nonce: number; readonly dist: number }[] = [];
      for (const nonce of nonces) {
        const dist = this.#distance(request.public_key, nonce);
        if (dist < request.r_target) valid.push({ nonce, dist });
      }
      if (valid.length === 0) return;
      this.#options.onGenerated({
        public_key: request.public_key,
        block_hash: request.block_hash,
        block_height: request.block_height,
        nonces: valid.map(({ nonce }) => nonce),
        dist: valid.map(({ dist }) => dist),
        node_id: request.node_id,
      });
    });
  }

  #validate(): void {
    const batch = this.#options.nextValidation();
    if (!batch) return;
    const { request, noncesPerMs } = this.#options;
    this.#after(batch.nonces.length / noncesPerMs, () => {
      // The real worker raises here: no callback ever comes.
      if (batch.block_hash !== request.block_hash) return;
      this.#options.onValidated(verdict(batch, request, this.#distances(batch)));
    });
  }

  #distances(batch: ProofBatch): number[] {
    return batch.nonces.map((nonce) => this.#distance(batch.public_key, nonce));
  }

  #distance(publicKey: string, nonce: number): number {
    const { block_hash: blockHash, params } = this.#options.request;
    return nonceDistance({ blockHash, publicKey, nonce, dimensions: Number(params['vocab_size']) });
  }
}

/** A received distance at or above the target counts as invalid too, as since image 3.0.11-post1. */
function verdict(batch: ProofBatch, request: InitRequest, dist: readonly number[]): ValidatedBatch {
  const { r_target, fraud_threshold } = request;
  const invalid = dist.filter(
    (own, index) => own > r_target || (batch.dist[index] ?? Infinity) >= r_target,
  ).length;
  const honest = probabilityHonest(invalid, dist.length);
  return {
    ...batch,
    dist,
    received_dist: batch.dist,
    r_target,
    fraud_threshold,
    n_invalid: invalid,
    probability_honest: honest,
    fraud_detected: honest < fraud_threshold,
  };
}
