import type { ChainHead } from '../../adapters/chain/interface.ts';
import type { Offer } from '../../adapters/vast/interface.ts';
import type { Config } from '../../config/config.ts';
import { addSample, estimateBlockTime, type HeadSample } from '../../policy/block-time.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Neighbours } from '../../wiring/neighbours.ts';
import { nodeDefinition } from '../../wiring/registration/registration-effects.ts';
import { PredecessorDesk } from './predecessor-desk.ts';
import { PredecessorMachine } from './predecessor-machine.ts';

/** `POC_PREP_TIME` of old: the one launch is so long before `poc_start`. */
const leadMs = 3_600_000;
/** `VASTAI_START_RETRIES` of old: starts after the first one. */
const startRetries = 2;
/** `VASTAI_SEARCH_RETRIES` of old. */
const searches = 3;
const checkPauseMs = 300_000;
const retryPauseMs = 60_000;

export interface PredecessorLifeOptions {
  /** Prices, disk and the hard needs of the search. */
  readonly config: Config;
  readonly clock: Clock;
  readonly neighbours: Neighbours;
  /** What the Network Node sees has changed. */
  readonly onStir: () => void;
  /** A machine is ready, so long after its container began to run. */
  readonly onReady: (bootSeconds: number) => void;
}

/**
 * The strategy that this daemon replaces, as a whole life: one launch 3 600 s of measured time before `poc_start`, the
 * cheapest offer that meets the hard needs, two start retries, release at the end of validation. It looks nothing up,
 * hedges nothing, sweeps nothing and keeps nothing; but its node answers truthfully and its tunnel works.
 */
export class PredecessorLife {
  readonly desk: PredecessorDesk;
  readonly #options: PredecessorLifeOptions;
  readonly #ending = new AbortController();
  #samples: readonly HeadSample[] = [];
  #machine: PredecessorMachine | undefined;
  #lastEpoch = -1;

  constructor(options: PredecessorLifeOptions) {
    this.#options = options;
    const { clock, neighbours, onStir } = options;
    this.desk = new PredecessorDesk({
      clock,
      networkNode: neighbours.networkNode,
      machine: () => this.#machine,
      onStir,
      signal: this.#ending.signal,
    });
  }

  start(): void {
    void this.#register();
    void this.#watch();
  }

  end(): void {
    this.#ending.abort(new Error('the run is over'));
  }

  async #register(): Promise<void> {
    const { config, neighbours } = this.#options;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        await neighbours.networkNode.upsert(nodeDefinition(config), signal);
        return;
      } catch {
        await this.#sleep(retryPauseMs);
      }
    }
  }

  async #watch(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const head = await this.#head();
      if (head === undefined) {
        await this.#sleep(retryPauseMs);
        continue;
      }
      const { next } = head;
      const leftMs = (next.pocStartHeight - head.height) * estimateBlockTime(this.#samples);
      if (leftMs <= leadMs && next.epochIndex !== this.#lastEpoch) {
        this.#lastEpoch = next.epochIndex;
        await this.#sprint(next.pocValidationEndHeight);
      } else await this.#sleep(leftMs > leadMs ? Math.min(checkPauseMs, leftMs - leadMs) : checkPauseMs);
    }
  }

  async #sprint(endHeight: number): Promise<void> {
    const tried = new Set<number>();
    for (let start = 0; start <= startRetries && this.#machine === undefined; start += 1)
      await this.#tryStart(tried);
    if (this.#machine === undefined) return;
    await this.#untilHeight(endHeight);
    const machine = this.#machine;
    this.#machine = undefined;
    this.desk.machineGone();
    await machine.destroy();
  }

  async #tryStart(tried: Set<number>): Promise<void> {
    const { clock, config, neighbours, onReady } = this.#options;
    const { signal } = this.#ending;
    const machine = new PredecessorMachine({
      config,
      clock,
      neighbours,
      receiver: this.desk.receiver,
      signal,
    });
    try {
      await neighbours.vast.ensureSshKey(neighbours.ssh.publicKey(), signal);
      const offer = await this.#cheapest(tried);
      if (offer === undefined) return;
      tried.add(offer.machineId);
      await machine.start(offer);
      this.#machine = machine;
      if (machine.runningAt !== undefined) onReady((clock.now() - machine.runningAt) / 1_000);
    } catch {
      await machine.destroy();
    }
  }

  async #cheapest(tried: ReadonlySet<number>): Promise<Offer | undefined> {
    for (let search = 1; ; search += 1) {
      try {
        const offers = await this.#search();
        return offers
          .filter(({ machineId }) => !tried.has(machineId))
          .toSorted((a, b) => a.price - b.price || a.offerId - b.offerId)[0];
      } catch (error) {
        if (search === searches) throw error;
        await this.#sleep(retryPauseMs);
      }
    }
  }

  #search(): Promise<readonly Offer[]> {
    const { vast } = this.#options.config;
    return this.#options.neighbours.vast.search(
      {
        ...(vast.gpuNames === undefined ? {} : { gpuNames: vast.gpuNames }),
        ...(vast.gpuCount === undefined ? {} : { gpuCount: vast.gpuCount }),
        gpuRamMbMin: vast.gpuRamMbMin,
        gpuTotalRamMbMin: vast.gpuTotalRamMbMin,
        diskGb: vast.diskGb,
        priceMax: vast.priceMax,
        reliabilityMin: vast.reliabilityMin,
        inetDownMbpsMin: vast.inetDownMbpsMin,
        durationSecondsMin: 86_400,
      },
      this.#ending.signal,
    );
  }

  async #untilHeight(height: number): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const left = height - ((await this.#head())?.height ?? 0);
      if (left <= 0) return;
      const blockMs = estimateBlockTime(this.#samples);
      await this.#sleep(Math.max(blockMs, Math.min(checkPauseMs, left * blockMs)));
    }
  }

  async #head(): Promise<ChainHead | undefined> {
    const { neighbours } = this.#options;
    const head = await neighbours.chain.head(this.#ending.signal).catch(() => undefined);
    if (head !== undefined) this.#samples = addSample(this.#samples, head);
    return head;
  }

  async #sleep(ms: number): Promise<void> {
    await this.#options.clock.sleep(ms, this.#ending.signal).catch(() => {});
  }
}
