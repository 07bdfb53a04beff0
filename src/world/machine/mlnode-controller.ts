import type { WorldClock } from '../clock.ts';
import type { Outbound } from '../exchange.ts';
import { type GpuGroup, validNoncesPerMinute } from './gpu-groups.ts';
import type { PocAccount } from './mlnode-books.ts';
import type { InitRequest, ProofBatch } from './mlnode-payloads.ts';
import { MlnodeSender, type Phase } from './mlnode-sender.ts';
import { MlnodeWorker } from './mlnode-worker.ts';
import { mainnetValidShare } from './nonce-distance.ts';
import { NonceIterator } from './nonce-iterator.ts';

export interface ControllerOptions {
  readonly clock: WorldClock;
  readonly post: Outbound;
  readonly groups: readonly GpuGroup[];
  readonly account: PocAccount;
  readonly isSenderStalled: () => boolean;
  /** World milliseconds until one group's model is ready, drawn anew for each load. */
  readonly modelLoadMs: () => number;
  /** Valid nonces a minute of one group at mainnet parameters; absent = by the GPU's name. */
  readonly noncesPerMinutePerGroup?: number;
}

/** One started PoC: a model per GPU group, the shared phase, the validation queue and the sender. */
export class MlnodeController {
  readonly request: InitRequest;
  readonly #options: ControllerOptions;
  readonly #workers: readonly MlnodeWorker[];
  readonly #sender: MlnodeSender;
  readonly #toValidate: ProofBatch[] = [];
  #phase: Phase = 'IDLE';
  #generatingSince: number | undefined;

  constructor(request: InitRequest, options: ControllerOptions) {
    this.request = request;
    this.#options = options;
    options.account.modelLoads += 1;
    this.#sender = new MlnodeSender({
      clock: options.clock,
      post: options.post,
      url: request.url,
      phase: () => this.#phase,
      account: options.account,
      isStalled: options.isSenderStalled,
    });
    this.#workers = options.groups.map((group, index) => this.#worker(group, index));
  }

  get phase(): Phase {
    return this.#phase;
  }
  get isModelInitialized(): boolean {
    return this.#workers.every((worker) => worker.isLoaded);
  }
  /** World time at which the phase first became GENERATE. */
  get generatingSince(): number | undefined {
    return this.#generatingSince;
  }

  setPhase(phase: Phase): void {
    this.#phase = phase;
    if (phase === 'GENERATE') this.#generatingSince ??= this.#options.clock.now();
    this.#sender.phaseChanged();
    this.#wake();
  }

  /** Queued in any phase, evaluated in VALIDATE only. */
  validate(batch: ProofBatch): void {
    this.#options.account.validationsQueued += 1;
    this.#toValidate.push(batch);
    this.#wake();
  }

  /** Batches in work, in the queue and in the sender are lost. */
  close(): void {
    for (const worker of this.#workers) worker.close();
    this.#sender.close();
  }

  #wake(): void {
    for (const worker of this.#workers) worker.wake();
  }

  #worker(group: GpuGroup, index: number): MlnodeWorker {
    const { request } = this;
    const { account, clock, groups, modelLoadMs, noncesPerMinutePerGroup } = this.#options;
    const validPerMinute = noncesPerMinutePerGroup ?? validNoncesPerMinute(group);
    return new MlnodeWorker({
      clock,
      group,
      request,
      nonces: new NonceIterator({
        nodeId: request.node_id,
        nodeCount: request.node_count,
        group: index,
        groupCount: groups.length,
      }),
      loadMs: modelLoadMs(),
      noncesPerMs: validPerMinute / mainnetValidShare / 60_000,
      phase: () => this.#phase,
      nextValidation: () => this.#toValidate.shift(),
      onGenerated: (batch) => {
        for (const nonce of batch.nonces) account.computed.add(nonce);
        this.#sender.queueGenerated(batch);
      },
      onValidated: (batch) => {
        account.validationsDone += 1;
        this.#sender.queueValidated(batch);
      },
    });
  }
}
