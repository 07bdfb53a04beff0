import { DurationHistogram } from '../../duration-histogram.ts';
import type { EpochContext, EpochOutcome } from '../../machines/epoch-context.ts';
import type { LeaseContext } from '../../machines/lease-context.ts';
import type { ReconcilerContext } from '../../machines/reconciler.ts';
import { bootBounds } from '../../metrics/catalogue.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { JournalEntry, RowView, Runtime } from '../../runtime/interface.ts';
import { reconcilerRow } from '../row-names.ts';

/** What machines and PoCs have come to since the process began. Seconds of the daemon's clock. */
export interface RentalFigures {
  readonly paidSeconds: number;
  readonly usefulSeconds: number;
  readonly orphanSeconds: number;
  readonly orphans: number;
  readonly boots: DurationHistogram;
  readonly bootFailures: number;
  readonly opened: number;
  readonly outcomes: Readonly<Record<EpochOutcome, number>>;
}

/** Follows the journal: states are looked at when one changes, time in between is counted by how many were in each. */
export class RentalMeter {
  readonly #rows: Pick<Runtime, 'rows' | 'row'>;
  readonly #clock: Clock;
  readonly #boots = new DurationHistogram(bootBounds);
  readonly #outcomes: Record<EpochOutcome, number> = { completed: 0, missed: 0, failed: 0, skipped: 0 };
  #bootFailures = 0;
  #opened = 0;
  #now = { paid: 0, useful: 0, orphans: 0 };
  #seconds = { paid: 0, useful: 0, orphans: 0 };
  #countedAt: number;

  constructor(rows: Pick<Runtime, 'rows' | 'row' | 'onStep'>, clock: Clock) {
    this.#rows = rows;
    this.#clock = clock;
    this.#countedAt = clock.now();
    rows.onStep((entry) => this.#step(entry));
  }

  /** Leases that the store brought; to be called once the rows are loaded. */
  start(): void {
    this.#recount();
  }

  figures(): RentalFigures {
    this.#addTime();
    return {
      paidSeconds: this.#seconds.paid,
      usefulSeconds: this.#seconds.useful,
      orphanSeconds: this.#seconds.orphans,
      orphans: this.#now.orphans,
      boots: this.#boots,
      bootFailures: this.#bootFailures,
      opened: this.#opened,
      outcomes: this.#outcomes,
    };
  }

  #step({ chart, rowId, event, value }: JournalEntry): void {
    if (chart === 'lease') {
      if (event.type === 'xstate.init') this.#opened += 1;
      if (event.type === 'xstate.done.actor.qualifyMachine') this.#noteBoot(rowId);
      if (value === 'gone') this.#noteEnd(rowId);
    } else if (chart === 'epoch') {
      if (value === 'settled' || value === 'skipped') this.#noteEpoch(rowId);
    }
    if (chart === 'lease' || chart === 'reconciler') this.#recount();
  }

  #noteBoot(rowId: string): void {
    const lease = this.#rows.row(rowId)?.context as LeaseContext | undefined;
    if (lease?.readyAt == null) return;
    const { readyAt, openedAt } = lease;
    this.#boots.observe((readyAt - openedAt) / 1000);
  }

  #noteEnd(rowId: string): void {
    const lease = this.#rows.row(rowId)?.context as LeaseContext | undefined;
    if (lease?.readyAt === null && lease.fault !== null) this.#bootFailures += 1;
  }

  #noteEpoch(rowId: string): void {
    const epoch = this.#rows.row(rowId)?.context as EpochContext | undefined;
    const outcome = epoch?.outcome ?? null;
    if (outcome !== null) this.#outcomes[outcome] += 1;
  }

  #recount(): void {
    this.#addTime();
    const leases = this.#rows.rows({ chart: 'lease' });
    const reconciler = this.#rows.row(reconcilerRow)?.context as ReconcilerContext | undefined;
    this.#now = {
      paid: leases.filter((lease) => (lease.context as LeaseContext).runningAt !== null).length,
      useful: leases.filter(isWorking).length,
      orphans: reconciler?.orphans.length ?? 0,
    };
  }

  #addTime(): void {
    const at = this.#clock.now();
    const seconds = Math.max(0, at - this.#countedAt) / 1000;
    this.#countedAt = at;
    this.#seconds = {
      paid: this.#seconds.paid + seconds * this.#now.paid,
      useful: this.#seconds.useful + seconds * this.#now.useful,
      orphans: this.#seconds.orphans + seconds * this.#now.orphans,
    };
  }
}

const isWorking = ({ value }: RowView): boolean => (value as { held?: unknown } | null)?.held === 'working';
