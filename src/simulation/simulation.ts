import type { Config } from '../config/config.ts';
import type { EpochContext } from '../machines/epoch-context.ts';
import type { JournalEntry } from '../runtime/interface.ts';
import { openSqliteStore, type SqliteStore } from '../runtime/sqlite-store.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';
import { Random } from '../world/random.ts';
import { DaemonLife } from './life.ts';
import type { LoggedEvent } from './silent-log.ts';
import { buildSimulatedTown, type SimulatedTown } from './town.ts';

/** Instant at which every simulation begins: midnight UTC, some day. */
const startsAtMs = Date.UTC(2026, 0, 5);

/** Mainnet's epoch of PoC v1 (docs/reference/protocol.md "Epoch arithmetic"). */
export const mainnetEpoch = {
  epochLength: 15_391,
  pocStageDuration: 60,
  pocExchangeDuration: 5,
  pocValidationDelay: 5,
  pocValidationDuration: 120,
  setNewValidatorsDelay: 120,
  inferenceValidationCutoff: 20,
};

export interface SimulationOptions {
  readonly seed: number;
  readonly config: Config;
  readonly accidents: number;
  readonly hostFailure: number | undefined;
  readonly crashRate: number;
  /** Path of the store's file; absent = in memory. */
  readonly storePath?: string;
  onStep?(entry: JournalEntry): void;
  onLog?(logged: LoggedEvent): void;
}

const blockTimeMs = 5_350;
const blocksBeforePoc = 1_200;
/** A daemon that died is back after this long. */
const downtimeMs = { least: 1_000, most: 8_000 };

/** One town, one store, and the daemons that live on it one after the other. */
export class Simulation {
  readonly clock = new VirtualClock(startsAtMs);
  readonly store: SqliteStore;
  readonly #options: SimulationOptions;
  readonly #random: Random;
  #town!: SimulatedTown;
  #life: DaemonLife | undefined;
  lives = 0;

  private constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = new Random(options.seed).fork(77);
    this.store = openSqliteStore(options.storePath ?? ':memory:');
  }

  static async build(options: SimulationOptions): Promise<Simulation> {
    const simulation = new Simulation(options);
    simulation.#town = await buildSimulatedTown({
      clock: simulation.clock,
      seed: options.seed,
      params: mainnetEpoch,
      blockTimeMs,
      blocksBeforePoc,
      accidents: options.accidents,
      hostFailure: options.hostFailure,
      desk: () => simulation.#life?.desk,
      plannedHeights: () => simulation.#plannedHeights(),
      onMachineEnded: () => undefined,
    });
    simulation.#begin();
    return simulation;
  }

  get town(): SimulatedTown {
    return this.#town;
  }

  get life(): DaemonLife | undefined {
    return this.#life;
  }

  #begin(): void {
    this.lives += 1;
    const { config, crashRate, onLog } = this.#options;
    const life = new DaemonLife({
      config,
      clock: this.clock,
      store: this.store,
      neighbours: this.#town.neighbours(this.#random.fork(1_000 + this.lives)),
      random: this.#random.fork(2_000 + this.lives),
      crashRate,
      isInferenceHealthy: () => true,
      onStep: (entry) => this.#onStep(entry),
      onVolatileStep: (entry) => {
        if (entry.chart === 'tunnel') this.#town.stirrings.stir('tunnels');
      },
      onLog: (logged) => onLog?.(logged),
      onDeath: () => this.#mourn(),
    });
    this.#life = life;
    this.#town.stirrings.stir('service');
    life.start();
    // While nobody lived, nobody waited for a height.
    this.#town.chain.rearm();
  }

  #mourn(): void {
    this.#life = undefined;
    this.#town.stirrings.stir('service');
    const { least, most } = downtimeMs;
    this.clock.setTimeout(() => this.#begin(), Math.round(this.#random.between(least, most)));
  }

  #onStep(entry: JournalEntry): void {
    const { stirrings, chain } = this.#town;
    if (entry.chart === 'service') stirrings.stir('service');
    if (entry.chart === 'lease' && entry.value === 'gone') stirrings.stir('leases');
    if (entry.chart === 'epoch') chain.rearm();
    this.#options.onStep?.(entry);
  }

  #plannedHeights(): readonly number[] {
    const rows = this.#life?.daemon.rows.rows({ chart: 'epoch' }) ?? [];
    return rows.flatMap((row) => {
      const { plan } = row.context as EpochContext;
      return [plan.approachHeight, plan.rentHeight, plan.tooLateHeight, plan.holdUntilHeight];
    });
  }
}
