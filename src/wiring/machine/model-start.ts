import type { Mlnode, ModelName } from '../../adapters/mlnode/interface.ts';
import { HybridError, toFault } from '../../errors.ts';
import type { ModelProgress } from '../../machines/lease-context.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Log } from '../log.ts';
import { startFault } from './machine-log.ts';
import type { MachineRoom } from './machine-room.ts';

/** On the daemon's clock. */
const lookPauseMs = 5_000;
/** A node that answers no more for this long while it loads has died: its watchdog ends it with its vLLM. */
const silenceLimitMs = 90_000;
const progressPauseMs = 60_000;

export interface ModelStartOptions {
  readonly room: Pick<MachineRoom, 'exec' | 'mlnode' | 'isOpen'>;
  readonly clock: Clock;
  readonly log: Log;
  /** At most once a minute. */
  onProgress(leaseId: string, progress: ModelProgress): void;
}

/** What is loaded, and how. */
export interface ModelOrder {
  readonly model: string;
  /** Where its weights are, when they lie elsewhere. */
  readonly file: ModelName;
  /** Body of `inference/up`. */
  readonly upBody: string;
}

/**
 * Brings the model up on an official ML node: weights first where the node keeps a cache of models, then vLLM
 * (docs/reference/protocol.md "Inference control", "Models"). May be run again at any point: what is there stays.
 * Throws MODEL_DOWNLOAD_FAILED, MODEL_OUT_OF_MEMORY, MODEL_START_FAILED, MLNODE_UNREACHABLE. The limit of the whole is
 * the chart's.
 */
export async function startModel(
  options: ModelStartOptions,
  leaseId: string,
  order: ModelOrder,
  signal: AbortSignal,
): Promise<void> {
  const run = new Run(options, leaseId, signal);
  if (await run.serves(order.model)) return;
  await run.download(order.file);
  await run.start(order);
}

class Run {
  readonly #options: ModelStartOptions;
  readonly #leaseId: string;
  readonly #signal: AbortSignal;
  readonly #beganAt: number;
  #toldAt = -Infinity;

  constructor(options: ModelStartOptions, leaseId: string, signal: AbortSignal) {
    this.#options = options;
    this.#leaseId = leaseId;
    this.#signal = signal;
    this.#beganAt = options.clock.now();
  }

  async serves(model: string): Promise<boolean> {
    const served = await this.#patiently((mlnode) => mlnode.servedModels(this.#signal));
    return served.includes(model);
  }

  async download(file: ModelName): Promise<void> {
    let hasBegun = false;
    for (;;) {
      const seen = await this.#patiently((mlnode) => mlnode.modelFile(file, this.#signal));
      // No cache, or one that is off: vLLM fetches by itself.
      if (seen === null || seen.status === 'DOWNLOADED' || seen.status === 'IGNORED') return;
      if (seen.status !== 'DOWNLOADING') {
        if (hasBegun && seen.error !== null)
          throw new HybridError({
            code: 'MODEL_DOWNLOAD_FAILED',
            message: `${file.repo}: ${seen.error.slice(0, 300)}`,
          });
        await this.#patiently((mlnode) => mlnode.downloadModel(file, this.#signal));
        hasBegun = true;
      }
      await this.#pause('downloading');
    }
  }

  async start({ model, upBody }: ModelOrder): Promise<void> {
    let { isUp } = await this.#asked(upBody);
    while (!isUp) {
      await this.#pause('starting');
      const seen = await this.#patiently((mlnode) => mlnode.modelStart(this.#signal));
      if (seen?.status === 'failed' || seen?.status === 'cancelled')
        throw await this.#fault(seen.error ?? `the start was ${seen.status}`);
      // A node that restarted has forgotten that it was asked.
      if (seen?.status === 'not_started') ({ isUp } = await this.#asked(upBody));
      else isUp = (seen === null || seen.status === 'completed') && (await this.serves(model));
    }
  }

  async #asked(upBody: string): Promise<{ readonly isUp: boolean }> {
    try {
      return await this.#options.room.mlnode(this.#leaseId).startModel(upBody, this.#signal);
    } catch (error) {
      const { code, message } = toFault(error);
      if (code === 'MODEL_START_FAILED') throw await this.#fault(message);
      // The answer was lost on a line that breaks now and then; the looks that follow tell.
      if (this.#signal.aborted || (code !== 'MLNODE_UNREACHABLE' && code !== 'SSH_LOST')) throw error;
      return { isUp: false };
    }
  }

  /** A node that does not answer for a while is busy, or its tunnel is on its way back. */
  async #patiently<Result>(ask: (mlnode: Mlnode) => Promise<Result>): Promise<Result> {
    const { room, clock } = this.#options;
    const silentSince = clock.now();
    for (;;) {
      try {
        return await ask(room.mlnode(this.#leaseId));
      } catch (error) {
        const { code } = toFault(error);
        const mayPass = code === 'MLNODE_UNREACHABLE' || code === 'SSH_LOST';
        if (this.#signal.aborted || !mayPass) throw error;
        if (clock.now() - silentSince > silenceLimitMs)
          throw room.isOpen(this.#leaseId)
            ? await this.#fault('the ML node ended while it loaded the model')
            : error;
        await clock.sleep(lookPauseMs, this.#signal);
      }
    }
  }

  async #pause(step: ModelProgress['step']): Promise<void> {
    const { clock } = this.#options;
    const now = clock.now();
    if (now - this.#toldAt >= progressPauseMs) {
      this.#toldAt = now;
      this.#options.onProgress(this.#leaseId, {
        step,
        elapsedSeconds: Math.round((now - this.#beganAt) / 1_000),
      });
    }
    await clock.sleep(lookPauseMs, this.#signal, 'lease.loadModel');
  }

  #fault(said: string): Promise<HybridError> {
    return startFault(this.#options.room, this.#leaseId, { log: 'mlnode', said }, this.#signal);
  }
}
