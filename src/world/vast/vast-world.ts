import type { WorldClock } from '../clock.ts';
import type { WorldOutcome, WorldRequest } from '../exchange.ts';
import type { Neighbour } from '../neighbour.ts';
import { Random } from '../random.ts';
import { Account } from './account.ts';
import { VastFaultBoard } from './fault-catalogue.ts';
import { Fleet } from './fleet.ts';
import type { MachineHost } from './machine-host.ts';
import type { Rental } from './rental.ts';
import { Market, type MarketOptions } from './market.ts';
import { VastApi } from './vast-api.ts';

export interface VastWorldOptions {
  readonly clock: WorldClock;
  readonly seed: number;
  /** The account's key. */
  readonly apiKey: string;
  /** Where containers run. */
  readonly host: MachineHost;
  readonly market?: MarketOptions;
  /** Size of every image. Default 12 (docs/reference/vast.md "Numbers for a simulator"). */
  readonly imageGb?: number;
  /** Which images can be pulled. Default: all but those whose name contains `does-not-exist`. */
  readonly imageExists?: (image: string) => boolean;
  /** Spendable dollars at the start. Default 100. */
  readonly creditUsd?: number;
  /**
   * Factor on the probability of every mishap that the provider has by itself (taken offers, boots that never end,
   * lost replies, failed destroys). Default 1 = as docs/reference/vast.md states them; 0 = only switched faults.
   */
  readonly accidents?: number;
  /**
   * Probability that one rental never becomes usable, in place of the documented sum (see `BootTerms`); the host draws
   * the fifth of it whose GPU does not work. Default: as documented.
   */
  readonly hostFailure?: number;
  /** Called whenever lists show something else: other instances, or another status of one. */
  readonly onStir?: (what: 'listed' | 'status') => void;
  /** Makes the containers' keys differ between two worlds of one seed. Default ''. */
  readonly keySalt?: string;
}

/** Vast.ai: market, instances, keys, money, throttles. Its API is docs/reference/vast.md. */
export class VastWorld implements Neighbour {
  readonly faults: VastFaultBoard;
  readonly #clock: WorldClock;
  readonly #fleet: Fleet;
  readonly #account: Account;
  readonly #api: VastApi;

  constructor(options: VastWorldOptions) {
    const random = new Random(options.seed);
    const accidents = options.accidents ?? 1;
    const { clock, host } = options;
    this.#clock = clock;
    this.faults = new VastFaultBoard(() => this.#fleet.strikeRunning());
    const creditUsd = options.creditUsd ?? 100;
    this.#account = new Account({ email: 'operator@example.org', creditUsd });
    const market = new Market({ clock, random: random.fork(1), accidents, market: options.market ?? {} });
    this.#fleet = new Fleet({
      clock,
      random: random.fork(2),
      host,
      market,
      faults: this.faults,
      imageGb: options.imageGb ?? 12,
      imageExists: options.imageExists ?? ((image) => !image.includes('does-not-exist')),
      accidents,
      hostFailure: options.hostFailure,
      onStir: options.onStir ?? (() => undefined),
      keySalt: `${options.keySalt ?? ''} ${options.seed}`,
      creditUsd,
      accountKeys: () => this.#account.publicKeys,
    });
    this.#api = new VastApi({
      clock,
      random: random.fork(3),
      apiKey: options.apiKey,
      accidents,
      faults: this.faults,
      market,
      fleet: this.#fleet,
      account: this.#account,
    });
  }

  handle(request: WorldRequest): Promise<WorldOutcome> {
    return this.#api.handle(request);
  }

  /**
   * `{instances: […], instancesCreated, live, paidSeconds, costUsd, creditUsd}`; times in world milliseconds. `live`
   * counts what is not destroyed: what the daemon leaked, when it has ended.
   */
  books(): Record<string, unknown> {
    const now = this.#clock.now();
    const instances = this.#fleet.all.map((rental) => {
      const { gpuSeconds, diskUsd, trafficUsd, costUsd } = rental.meter.read(now);
      return {
        instanceId: rental.instanceId,
        label: rental.label,
        machineId: rental.terms.offer.machine_id,
        createdAt: rental.createdAt,
        runningAt: rental.runningAt,
        destroyedAt: rental.destroyedAt,
        gpuSeconds,
        diskUsd,
        trafficUsd,
        costUsd,
        state: rental.destroyedAt === null ? (rental.actualStatus ?? 'null') : 'destroyed',
      };
    });
    const costUsd = instances.reduce((sum, instance) => sum + instance.costUsd, 0);
    return {
      instances,
      instancesCreated: instances.length,
      live: instances.filter((instance) => instance.destroyedAt === null).length,
      paidSeconds: instances.reduce((sum, instance) => sum + instance.gpuSeconds, 0),
      costUsd,
      creditUsd: this.#account.initialCreditUsd - costUsd,
    };
  }

  /** Instances that are not destroyed: what there is, whatever lists say. */
  get liveRentals(): readonly Rental[] {
    return this.#fleet.live;
  }

  close(): void {
    this.#fleet.close();
  }
}
