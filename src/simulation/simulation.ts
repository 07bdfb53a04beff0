import { createHash } from 'node:crypto';
import type { Config } from '../config/config.ts';
import type { EpochContext } from '../machines/epoch-context.ts';
import type { JournalEntry } from '../runtime/interface.ts';
import { openSqliteStore, type SqliteStore } from '../runtime/sqlite-store.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';
import type { NetworkNodeBooks } from '../figures/books.ts';
import type { MicroUsd } from '../units.ts';
import type { Neighbours } from '../wiring/neighbours.ts';
import { Random } from '../world/random.ts';
import { Auditor } from './audit/auditor.ts';
import type { Violation } from './audit/violation.ts';
import type { FaultPattern } from './fault-catalogue.ts';
import { FaultWeather } from './fault-weather.ts';
import { DaemonLife } from './life.ts';
import { figuresOf, type SimulationFigures } from './report.ts';
import type { LoggedEvent } from './silent-log.ts';
import { buildSimulatedTown, type SimulatedTown, type SimulatedTownOptions } from './town.ts';

/** Instant at which every simulation begins: midnight UTC, some day. */
const startsAtMs = Date.UTC(2026, 0, 5);
const blockTimeMs = 5_350;
const blocksBeforePoc = 1_200;
/** After `poc_start`, when its windows are long closed and its machines have had time to go: a PoC is judged. */
const judgedAfterBlocks = 1_200;
/** A daemon that died is back after this long. */
const downtimeMs = { least: 1_000, most: 8_000 };

/** Mainnet's epoch of PoC v1 (docs/reference/protocol.md "Epoch arithmetic"). */
export const mainnetEpoch: SimulatedTownOptions['params'] = {
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
  readonly epochs: number;
  readonly config: Config;
  /** Factor on the documented mishaps of provider and machines. */
  readonly accidents: number;
  readonly hostFailure: number | undefined;
  /** Probability that the daemon dies at one durable step. */
  readonly crashRate: number;
  /** Faults that come and go. Default none. */
  readonly faults?: readonly FaultPattern[];
  /** Of the store's file; absent = in memory. */
  readonly storePath?: string;
  /** The operator's cap on a day, by which the bill is judged. Default: the daemon's own setting. */
  readonly dailyCap?: MicroUsd;
  /** Blocks of one epoch. Default mainnet's. */
  readonly epochLength?: number;
  /** Plays every block and every look, as if none could be left out: slow, and the measure of the fast way. */
  readonly isUnhurried?: boolean;
  /** Goes on after a violation. Default: the first one ends the run. */
  readonly goesOn?: boolean;
  onStep?(entry: JournalEntry, simulation: Simulation): void;
  onLog?(logged: LoggedEvent): void;
  onEpoch?(done: number, simulation: Simulation): void;
  /** Sabotage: the neighbours as this daemon shall meet them. */
  meet?(neighbours: Neighbours): Neighbours;
}

export interface SimulationReport {
  readonly figures: SimulationFigures;
  readonly violations: readonly Violation[];
  /** SHA-256 (hex) of every journal line: two runs with one hash did the same. */
  readonly journalHash: string;
}

/** One town, one store, and the daemons that live on it one after the other. */
export class Simulation {
  readonly clock = new VirtualClock(startsAtMs);
  readonly store: SqliteStore;
  readonly #options: SimulationOptions;
  readonly #random: Random;
  readonly #hash = createHash('sha256');
  #town!: SimulatedTown;
  #auditor!: Auditor;
  #weather!: FaultWeather;
  #life: DaemonLife | undefined;
  #lives = 0;
  #lastSeq = 0;

  private constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = new Random(options.seed).fork(77);
    this.store = openSqliteStore(options.storePath ?? ':memory:');
  }

  static async build(options: SimulationOptions): Promise<Simulation> {
    const simulation = new Simulation(options);
    await simulation.#settle();
    return simulation;
  }

  /** Lives through the epochs, or up to the first violation; closes everything. */
  async run(): Promise<SimulationReport> {
    const { epochs } = this.#options;
    const wallStart = performance.now();
    // Faults are looked at by their codes; their stacks would cost a few percent of the run.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 1;
    for (let epoch = 0; epoch < epochs && !this.#isOver(); epoch += 1) {
      const pocStart = this.#town.firstPocStart + epoch * this.#params.epochLength;
      this.#weather.plan(this.#town.chain.timeOf(pocStart));
      await this.#reach(pocStart + judgedAfterBlocks);
      if (this.#isOver()) break;
      this.#auditor.closePoc(pocStart);
      this.#options.onEpoch?.(epoch + 1, this);
    }
    Error.stackTraceLimit = stackTraceLimit;
    const report = this.#report(performance.now() - wallStart);
    await this.#end();
    return report;
  }

  get #params(): SimulatedTownOptions['params'] {
    const { epochLength } = this.#options;
    return epochLength === undefined ? mainnetEpoch : { ...mainnetEpoch, epochLength };
  }

  get town(): SimulatedTown {
    return this.#town;
  }

  get life(): DaemonLife | undefined {
    return this.#life;
  }

  get auditor(): Auditor {
    return this.#auditor;
  }

  /** How often each fault struck. */
  get struck(): Readonly<Record<string, number>> {
    return this.#weather.struck;
  }

  /** Daemons that died so far. */
  get crashes(): number {
    return Math.max(0, this.#lives - 1);
  }

  async #settle(): Promise<void> {
    const { seed, accidents, hostFailure, config, dailyCap } = this.#options;
    this.#town = await buildSimulatedTown({
      clock: this.clock,
      seed,
      params: this.#params,
      isUnhurried: this.#options.isUnhurried === true,
      blockTimeMs,
      blocksBeforePoc,
      accidents,
      hostFailure,
      leaseTtlMs: config.leaseTtlMs,
      desk: () => this.#life?.desk,
      plannedHeights: () => this.#plannedHeights(),
      auditor: () => this.#auditor,
    });
    this.#auditor = new Auditor({
      store: this.store,
      town: this.#town,
      dailyCap: dailyCap ?? config.rental.maxDailySpend,
      now: () => this.clock.now(),
      isCalm: () => this.#weather.isCalm,
    });
    this.#weather = new FaultWeather({
      clock: this.clock,
      random: new Random(seed).fork(55),
      town: this.#town,
      patterns: this.#options.faults ?? [],
    });
    this.#begin();
  }

  async #reach(height: number): Promise<void> {
    const { chain } = this.#town;
    while (chain.height < height && !this.#isOver()) {
      await this.clock.advanceTo(chain.timeOf(height), () => this.#isOver());
    }
  }

  #isOver(): boolean {
    return this.#options.goesOn !== true && this.#auditor.violations.first !== undefined;
  }

  #begin(): void {
    this.#lives += 1;
    const { config, crashRate } = this.#options;
    const neighbours = this.#town.neighbours(this.#random.fork(1_000 + this.#lives));
    const life = new DaemonLife({
      config,
      clock: this.clock,
      store: this.store,
      neighbours: this.#options.meet?.(neighbours) ?? neighbours,
      random: this.#random.fork(2_000 + this.#lives),
      crashRate,
      isInferenceHealthy: () => true,
      onStep: (entry) => this.#hear(entry),
      onVolatileStep: (entry) => {
        if (entry.chart === 'tunnel') this.#town.stirrings.stir('tunnels');
      },
      onLog: (logged) => {
        if (logged.event === 'row.parked')
          this.#auditor.violations.report('chart', `parked: ${JSON.stringify(logged.fields)}`);
        this.#options.onLog?.(logged);
      },
      onDeath: () => this.#mourn(),
    });
    this.#life = life;
    this.#town.stirrings.stir('service');
    // A step that was committed at the moment of a death told nobody.
    this.#readJournal();
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

  #readJournal(): void {
    for (const entry of this.store.journal.since(this.#lastSeq, 1_000)) this.#onStep(entry);
  }

  #hear(entry: JournalEntry): void {
    if (entry.seq === this.#lastSeq + 1) this.#onStep(entry);
    else this.#readJournal();
  }

  #onStep(entry: JournalEntry): void {
    this.#lastSeq = entry.seq;
    this.#hash.update(JSON.stringify(entry));
    const { stirrings, chain } = this.#town;
    if (entry.chart === 'service') stirrings.stir('service');
    if (entry.chart === 'lease' && entry.value === 'gone') stirrings.stir('leases');
    if (entry.chart === 'epoch') chain.rearm();
    this.#auditor.onStep(entry);
    this.#options.onStep?.(entry, this);
  }

  #plannedHeights(): readonly number[] {
    const rows = this.#life?.daemon.rows.rows({ chart: 'epoch' }) ?? [];
    return rows.flatMap((row) => {
      const { plan } = row.context as EpochContext;
      return [plan.approachHeight, plan.rentHeight, plan.tooLateHeight, plan.holdUntilHeight];
    });
  }

  #report(wallMs: number): SimulationReport {
    const { epochs } = this.#options;
    const nowMs = this.clock.now();
    const figures = figuresOf({
      auditor: this.#auditor,
      node: this.#town.networkNode.books() as unknown as NetworkNodeBooks,
      epochs,
      crashes: this.crashes,
      worldMs: nowMs - startsAtMs,
      wallMs,
      nowMs,
      leakedInstances: this.#town.vast.liveRentals.length,
    });
    return { figures, violations: this.#auditor.violations.all, journalHash: this.#hash.digest('hex') };
  }

  async #end(): Promise<void> {
    this.#life?.end();
    this.#life = undefined;
    await this.#town.close();
    this.store.close();
  }
}
