import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { type ErrorCode, HybridError, type RetryClass } from '../../src/errors.ts';
import { createRuntime } from '../../src/runtime/durable-runtime.ts';
import type { Chart, Effect, EffectCall, RowEvent, RowView, Runtime } from '../../src/runtime/interface.ts';
import { openSqliteStore } from '../../src/runtime/sqlite-store.ts';
import { settle, VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { blockHeight } from '../../src/units.ts';

/** What a chart can meet: how its work may end, what others may tell it, and what must hold whatever happens. */
export interface ChartSample {
  /** Rows that it may be opened as. */
  readonly inputs: readonly unknown[];
  /** By actor: how it may end well; a function is given a number that no other end has. */
  readonly outputs: Readonly<Record<string, readonly unknown[]>>;
  /** How any actor may fail. */
  readonly faults: readonly (readonly [ErrorCode, RetryClass?])[];
  /** What others may tell it, as it stands. */
  readonly events: readonly RowEvent[] | ((row: RowView) => readonly RowEvent[]);
  /** Heights that mean something to it, rising. */
  readonly heights?: readonly number[];
  /** How it may go. Walks begin after some part of one; absent = its work ends well, one after the other. */
  readonly paths?: readonly (readonly WalkStep[])[];
  /** It may rest without work, timer or deadline: others wake it. */
  readonly rests?: boolean;
  /** Throws, or returns a sentence, when something does not hold. */
  check?(row: RowView): string | undefined;
}

export type WalkStep =
  | { readonly kind: 'done' | 'fail'; readonly run: number; readonly pick: number }
  | { readonly kind: 'event' | 'height'; readonly pick: number }
  | { readonly kind: 'wait' | 'crash'; readonly ms: number }
  | { readonly kind: 'ring' };

const nat = fc.nat(999);
const ms = fc.oneof(fc.nat(10_000), fc.nat(5_000_000));

const anything: fc.Arbitrary<WalkStep[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('done' as const), run: nat, pick: nat }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('fail' as const), run: nat, pick: nat }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('event' as const), pick: nat }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('height' as const), pick: nat }) },
    { weight: 3, arbitrary: fc.constant({ kind: 'ring' as const }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), ms }) },
  ),
  { minLength: 10, maxLength: 60 },
);

export interface Walk {
  /** Which of the sample's inputs. */
  readonly input: number;
  readonly steps: readonly WalkStep[];
}

/** Any sequence of what may happen to a row, after a while in which all goes well: so walks begin everywhere. */
export function walksOf({ paths }: ChartSample): fc.Arbitrary<Walk> {
  const well = fc
    .tuple(fc.nat(9), fc.nat(1))
    .map(([length, pick]) => Array.from({ length }, (): WalkStep => ({ kind: 'done', run: 0, pick })));
  const known = fc
    .tuple(fc.constantFrom(...(paths ?? [[]])), nat)
    .map(([path, length]) => path.slice(0, length % (path.length + 1)));
  return fc
    .tuple(nat, paths === undefined ? well : known, anything)
    .map(([input, begin, steps]) => ({ input, steps: [...begin, ...steps] }));
}

interface Run {
  readonly call: EffectCall;
  readonly actor: string;
  resolve(output: unknown): void;
  reject(error: unknown): void;
}

/** One row of one chart in the durable runtime, with other charts beside it for the rows that it opens. */
export class ChartWalk {
  readonly #clock = new VirtualClock(1_800_000_000_000);
  readonly #store = openSqliteStore(':memory:');
  readonly #chart: string;
  readonly #charts: Readonly<Record<string, Chart>>;
  readonly #sample: ChartSample;
  readonly #broken: string[] = [];
  #runs: Run[] = [];
  #ends = 0;
  #height = -1;
  #runtime!: Runtime;

  constructor(chart: string, charts: Readonly<Record<string, Chart>>, sample: ChartSample, input: number) {
    this.#chart = chart;
    this.#charts = charts;
    this.#sample = sample;
    this.#boot();
    this.#runtime.open(chart, chart, sample.inputs[input % sample.inputs.length]);
    this.#check();
  }

  async play(step: WalkStep): Promise<void> {
    await this.#play(step);
    await settle();
    this.#check();
  }

  async close(): Promise<void> {
    await this.#runtime.stop();
    this.#store.close();
  }

  async #play(step: WalkStep): Promise<void> {
    const { events, heights = [], outputs, faults } = this.#sample;
    switch (step.kind) {
      case 'done':
      case 'fail': {
        const run = this.#runs[step.run % Math.max(1, this.#runs.length)];
        // A chart without work of its own lives by what it is told.
        if (run === undefined) return this.#play({ kind: 'event', pick: step.pick });
        this.#runs = this.#runs.filter((other) => other !== run);
        const [code, retryClass] = faults[step.pick % faults.length] ?? (['WIRE_TIMEOUT'] as const);
        const ends = outputs[run.actor] ?? [];
        if (step.kind === 'done' && ends.length > 0) {
          const end: unknown = ends[step.pick % ends.length];
          this.#ends += 1;
          return run.resolve(
            typeof end === 'function' ? (end as (serial: number) => unknown)(this.#ends) : end,
          );
        }
        const facts = { code, message: `${run.actor} failed in a walk` };
        return run.reject(new HybridError(facts, retryClass === undefined ? {} : { class: retryClass }));
      }
      case 'event': {
        const row = this.#runtime.row(this.#chart) as RowView;
        const said = typeof events === 'function' ? events(row) : events;
        const event = said[step.pick % Math.max(1, said.length)];
        if (event !== undefined) this.#runtime.send(this.#chart, event);
        return;
      }
      case 'height': {
        // On to the next one; now and then the chain leaps past it.
        this.#height += step.pick % 8 === 0 ? 2 : 1;
        const height = heights[this.#height];
        if (height !== undefined) this.#runtime.heightReached(blockHeight(height));
        return;
      }
      case 'ring':
        return this.#ring();
      case 'wait':
        await this.#clock.advanceBy(step.ms);
        return;
      case 'crash':
        return this.#crash(step.ms);
    }
  }

  /** To the next timer or ceiling. */
  async #ring(): Promise<void> {
    const due = [
      ...this.#store.timers.all().map(({ dueAt }) => dueAt),
      ...this.#store.deadlines.all().map(({ ceilingAt }) => ceilingAt),
    ];
    if (due.length > 0) await this.#clock.advanceTo(Math.min(...due));
  }

  async #crash(downMs: number): Promise<void> {
    const before = this.#runtime.row(this.#chart);
    this.#runs = [];
    await this.#runtime.stop();
    this.#clock.jumpBy(downMs);
    const after = this.#boot();
    if (!isDeepStrictEqual([after?.value, after?.context], [before?.value, before?.context]))
      this.#broken.push(`a crash changed ${JSON.stringify(before)} to ${JSON.stringify(after)}`);
  }

  /** The row as it was loaded, before anything that is due happens. */
  #boot(): RowView | undefined {
    const byHand =
      (actor: string): Effect =>
      (call) => {
        return new Promise((resolve, reject) => {
          const run = { actor, call, resolve, reject };
          this.#runs.push(run);
          call.signal.addEventListener('abort', () => {
            this.#runs = this.#runs.filter((other) => other !== run);
            reject(call.signal.reason as Error);
          });
        });
      };
    const effects = Object.fromEntries(
      Object.entries(this.#charts).map(([chart, { machine }]) => [
        chart,
        Object.fromEntries(Object.keys(machine.implementations.actors).map((name) => [name, byHand(name)])),
      ]),
    );
    this.#runtime = createRuntime({
      store: this.#store,
      clock: this.#clock,
      charts: this.#charts,
      effects,
      report: {
        parked: (rowId, event, fault) => this.#broken.push(`${rowId} parked ${event.type}: ${fault.message}`),
        late: () => undefined,
      },
    });
    const kept = this.#store.rows.get(this.#chart);
    const loaded =
      kept === undefined ? undefined : (JSON.parse(kept.snapshot) as { value: unknown; context: unknown });
    this.#runtime.start();
    return loaded as RowView | undefined;
  }

  #check(): void {
    const row = this.#runtime.row(this.#chart);
    if (row === undefined) this.#broken.push('the row is gone');
    else {
      const said = this.#sample.check?.(row);
      if (said !== undefined) this.#broken.push(said);
      if (row.status === 'active' && this.#sample.rests !== true && this.#waitsForNothing())
        this.#broken.push(`it waits for nothing in ${JSON.stringify(row.value)}`);
    }
    this.#checkMoney();
    if (this.#broken.length > 0) throw new Error(this.#broken.join('; '));
  }

  #waitsForNothing(): boolean {
    const isOwn = ({ rowId }: { readonly rowId: string }): boolean => rowId === this.#chart;
    const { intents, timers, deadlines } = this.#store;
    return ![...intents.all(), ...timers.all(), ...deadlines.all()].some(isOwn);
  }

  #checkMoney(): void {
    const money = this.#charts[this.#chart]?.moneyActors ?? [];
    const open = this.#store.intents
      .all()
      .filter(({ rowId, src }) => rowId === this.#chart && money.includes(src));
    if (open.length > 1) this.#broken.push('it moves money twice at once');
  }
}
