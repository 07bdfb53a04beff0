import { createHash } from 'node:crypto';
import type { EpochContext } from '../machines/epoch-context.ts';
import type { JournalEntry } from '../runtime/interface.ts';
import { openSqliteStore, type SqliteStore } from '../runtime/sqlite-store.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';
import type { NetworkNodeBooks } from '../figures/books.ts';
import { type ChainFlavour, chainTerms } from '../world/chain/flavour.ts';
import { Random } from '../world/random.ts';
import { Auditor } from './audit/auditor.ts';
import { isHeldOn } from './chain-settings.ts';
import { FaultWeather } from './fault-weather.ts';
import { furtherSources } from './fault-catalogue.ts';
import { clockStepMs, HomeFaultBoard, storeAtHome } from './home-faults.ts';
import { DaemonLife } from './life.ts';
import { PredecessorLife } from './predecessor/predecessor-life.ts';
import { figuresOf } from './report.ts';
import type { SimulationOptions, SimulationReport } from './simulation-options.ts';
import { buildSimulatedTown, type SimulatedTown, type SimulatedTownOptions } from './town.ts';

export type { SimulationOptions, SimulationReport } from './simulation-options.ts';

/** Instant at which every simulation begins: midnight UTC, some day. */
const startsAtMs = Date.UTC(2026, 0, 5);
const blockTimeMs = 5_350;
const blocksBeforePoc = 1_200;
/** After `poc_start`, when its windows are long closed and its machines have had time to go: a PoC is judged. */
const judgedAfterBlocks = 1_200;
/** A daemon that died is back after this long. */
const downtimeMs = { least: 1_000, most: 8_000 };

const hashedAtOnceChars = 65_536;
/** Before the next one begins, where an epoch has to be lived to its end. */
const judgedBeforeNextBlocks = 20;

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
  #predecessor: PredecessorLife | undefined;
  /** What is wrong with the computer on which the daemons live. */
  readonly home = new HomeFaultBoard((name, value) => this.#onHomeFault(name, value));
  readonly #storeAtHome: SqliteStore;
  #clockWrongByMs = 0;
  /** Of the journal; told in large pieces, as small ones cost more than their hash. */
  #unhashed = '';
  #lives = 0;
  #lastSeq = 0;

  private constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = new Random(options.seed).fork(77);
    this.store = openSqliteStore(options.storePath ?? ':memory:');
    this.#storeAtHome = storeAtHome(this.store, this.home);
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
    Error.stackTraceLimit = 0;
    const { chain, firstPocStart } = this.#town;
    for (let epoch = 0, pocStart = firstPocStart; epoch < epochs && !this.#isOver(); epoch += 1) {
      this.#weather.plan(this.#town.chain.timeOf(pocStart));
      await this.#reach(pocStart + this.#judgedAfterBlocks);
      if (this.#isOver()) break;
      this.#auditor.closePoc(pocStart);
      this.#options.onEpoch?.(epoch + 1, this);
      // As the chain has it by now: its length may have been changed on the way.
      pocStart = chain.stagesAt(chain.height + 1).next_poc_start;
    }
    Error.stackTraceLimit = stackTraceLimit;
    const report = this.#report(performance.now() - wallStart);
    await this.#end();
    return report;
  }

  get #params(): SimulatedTownOptions['params'] {
    const { epochLength } = this.#options;
    const { epoch } = chainTerms(this.#chain, 'mainnet');
    return epochLength === undefined ? epoch : { ...epoch, epochLength };
  }

  get #chain(): ChainFlavour {
    return this.#options.chain ?? 'v1';
  }

  /** Confirmation PoCs come until shortly before the next regular one. */
  get #judgedAfterBlocks(): number {
    if (!this.#chain.endsWith('-confirmation')) return judgedAfterBlocks;
    return this.#params.epochLength - judgedBeforeNextBlocks;
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
      chain: this.#chain,
      isUnhurried: this.#options.isUnhurried === true,
      blockTimeMs,
      furtherSources: furtherSources(this.#options.faults ?? []),
      blocksBeforePoc,
      accidents,
      hostFailure,
      leaseTtlMs: config.leaseTtlMs,
      desk: () => (this.#life ?? this.#predecessor)?.desk,
      plannedHeights: () => this.#plannedHeights(),
      auditor: () => this.#auditor,
    });
    this.#auditor = new Auditor({
      store: this.store,
      town: this.#town,
      dailyCap: dailyCap ?? config.rental.maxDailySpend,
      fleetWidth: config.rental.fleetWidth,
      now: () => this.clock.now(),
      isCalm: () => this.#weather.isCalm,
    });
    this.#weather = new FaultWeather({
      clock: this.clock,
      random: new Random(seed).fork(55),
      town: this.#town,
      home: this.home,
      patterns: this.#options.faults ?? [],
    });
    if (this.#options.isPredecessor === true) this.#beginPredecessor();
    else this.#begin();
  }

  async #reach(height: number): Promise<void> {
    const { chain } = this.#town;
    while (chain.height < height && !this.#isOver()) {
      await this.clock.advanceTo(chain.timeOf(height), () => this.#isOver());
    }
  }

  #isOver(): boolean {
    const { goesOn, isPredecessor } = this.#options;
    return goesOn !== true && isPredecessor !== true && this.#auditor.violations.first !== undefined;
  }

  #beginPredecessor(): void {
    this.#predecessor = new PredecessorLife({
      config: this.#options.config,
      clock: this.clock,
      neighbours: this.#town.neighbours(this.#random.fork(1_000)),
      onStir: () => this.#town.stirrings.stir('service'),
      onReady: (bootSeconds) => this.#auditor.leases.bootSeconds.push(bootSeconds),
    });
    this.#predecessor.start();
  }

  #begin(): void {
    this.#lives += 1;
    const { config, crashRate } = this.#options;
    const neighbours = this.#town.neighbours(this.#random.fork(1_000 + this.#lives), this.#clockWrongByMs);
    const life = new DaemonLife({
      config,
      clock: this.clock,
      store: this.#storeAtHome,
      neighbours: this.#options.meet?.(neighbours) ?? neighbours,
      random: this.#random.fork(2_000 + this.#lives),
      crashRate,
      home: this.home,
      clockWrongByMs: this.#clockWrongByMs,
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

  /** The clock stays wrong until somebody sets it again, at the next of these faults. */
  #onHomeFault(name: string, value: number): void {
    const stepMs = clockStepMs(name, value);
    if (stepMs === 0) return;
    this.#clockWrongByMs = this.#clockWrongByMs === 0 ? stepMs : 0;
    this.#life?.kill();
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
    this.#unhashed += JSON.stringify(entry);
    if (this.#unhashed.length > hashedAtOnceChars) {
      this.#hash.update(this.#unhashed);
      this.#unhashed = '';
    }
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
      return [plan.approachHeight, ...plan.launchHeights, plan.tooLateHeight, plan.holdUntilHeight];
    });
  }

  #report(wallMs: number): SimulationReport {
    const { epochs, config } = this.#options;
    const nowMs = this.clock.now();
    const isHeldThroughEpoch = isHeldOn(this.#chain, config.rental.policy);
    const figures = figuresOf({
      auditor: this.#auditor,
      node: this.#town.networkNode.books() as unknown as NetworkNodeBooks,
      epochs,
      crashes: this.crashes,
      worldMs: nowMs - startsAtMs,
      wallMs,
      nowMs,
      chain: this.#chain,
      leaked: this.#auditor.leakedAt(nowMs, isHeldThroughEpoch || this.#chain.endsWith('-confirmation')),
      isHeldThroughEpoch,
    });
    const journalHash = this.#hash.update(this.#unhashed).digest('hex');
    return { figures, violations: this.#auditor.violations.all, journalHash };
  }

  async #end(): Promise<void> {
    this.#life?.end();
    this.#predecessor?.end();
    this.#life = undefined;
    await this.#town.close();
    this.store.close();
  }
}
