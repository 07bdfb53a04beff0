import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type ErrorCode, HybridError, type RetryClass } from '../../src/errors.ts';
import { createRuntime } from '../../src/runtime/durable-runtime.ts';
import type { Effect, EffectCall, RowEvent, Runtime } from '../../src/runtime/interface.ts';
import { openSqliteStore, type SqliteStore } from '../../src/runtime/sqlite-store.ts';
import { blockHeight } from '../../src/units.ts';
import { charts } from '../../src/wiring/daemon.ts';
import { settle, VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { RowInvariants } from './row-invariants.ts';
import { leaseActors } from './sample-rows.ts';

interface Run {
  readonly actor: string;
  readonly call: EffectCall;
  resolve(output: unknown): void;
  reject(error: unknown): void;
}

/** The charts of the daemon; the effects of all their actors are ended by hand. */
const actors = {
  epoch: ['findKeptCrew', 'chooseOffer', 'countWork'],
  lease: leaseActors,
} as const;

/** A process that dies loses nothing that it wrote, disk or not; without a disk a thousand paths take seconds. */
const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Where the models begin: an hour at which nothing special happens. */
const startsAt = 1_800_000_000_000;

/** The daemon's own charts in its own runtime on a file, under a virtual clock. It can crash between any two steps. */
export class ModelRig {
  readonly clock = new VirtualClock(startsAt);
  readonly invariants: RowInvariants;
  readonly #dir = mkdtempSync(join(base, 'ghm-model-'));
  readonly #path = join(this.#dir, 'store.sqlite');
  readonly #reader: DatabaseSync;
  #runs: Run[] = [];
  #store!: SqliteStore;
  runtime!: Runtime;

  constructor() {
    this.#boot();
    // A connection of its own sees only what is committed, and lets a crash leave its write-ahead log behind.
    this.#reader = new DatabaseSync(this.#path, { readOnly: true });
    this.invariants = new RowInvariants(this.#reader);
  }

  /** Ends the row's running actor with a result. Throws when that actor does not run. */
  async settle(rowId: string, actor: string, output: unknown): Promise<void> {
    const run = this.#take(rowId, actor);
    this.invariants.noteAnswer(run.call, actor, output);
    run.resolve(output);
    await settle();
  }

  async fail(rowId: string, actor: string, code: ErrorCode, retryClass?: RetryClass): Promise<void> {
    const run = this.#take(rowId, actor);
    const facts = { code, message: `${actor} failed in a test` };
    const error = new HybridError(facts, retryClass === undefined ? {} : { class: retryClass });
    this.invariants.noteFailure(run.call, actor, error);
    run.reject(error);
    await settle();
  }

  async send(rowId: string, event: RowEvent): Promise<boolean> {
    const isTaken = this.runtime.send(rowId, event);
    await settle();
    return isTaken;
  }

  async height(height: number): Promise<void> {
    this.runtime.heightReached(blockHeight(height));
    await settle();
  }

  /** The process dies without any clean-up and is started again `downMs` later. */
  async crash(downMs = 0): Promise<void> {
    await this.#die();
    this.clock.jumpBy(downMs);
    this.#boot();
    await settle();
  }

  async close(): Promise<void> {
    await this.#die();
    this.#reader.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** Actor of the row that waits for its end. */
  running(rowId: string): string | undefined {
    return this.#running(rowId)?.actor;
  }

  /** Everything that runs, of every row. */
  get work(): readonly { readonly rowId: string; readonly actor: string }[] {
    return this.#runs.map(({ actor, call }) => ({ actor, rowId: call.rowId }));
  }

  value(rowId: string): unknown {
    return this.runtime.row(rowId)?.value;
  }

  context(rowId: string): unknown {
    return this.runtime.row(rowId)?.context;
  }

  /** Tags of the state in which the row is. */
  tags(rowId: string): readonly string[] {
    const row = this.runtime.row(rowId);
    if (row === undefined) return [];
    const { machine } = charts[row.chart as keyof typeof charts];
    const snapshot = machine.resolveState({ value: row.value, context: row.context } as never);
    return [...snapshot.tags];
  }

  /** Throws with every invariant that the rows break. To be called after every step. */
  check(): void {
    this.invariants.check();
  }

  #boot(): void {
    this.#store = openSqliteStore(this.#path);
    const effects = Object.fromEntries(
      Object.entries(actors).map(([chart, names]) => [
        chart,
        Object.fromEntries(names.map((name) => [name, this.#byHand(name)])),
      ]),
    );
    this.runtime = createRuntime({
      store: this.#store,
      clock: this.clock,
      charts: { epoch: charts.epoch, lease: charts.lease, service: charts.service },
      effects,
      report: {
        parked: (rowId, event, fault) =>
          this.invariants.broken(`${rowId} parked ${event.type}: ${fault.message}`),
        late: (intentId) => this.invariants.broken(`the result of ${intentId} came late`),
      },
    });
    this.runtime.start();
    this.runtime.open('service', 'service', {});
  }

  async #die(): Promise<void> {
    this.#store.close();
    this.#runs = [];
    await this.runtime.stop();
  }

  #byHand(actor: string): Effect {
    return (call) => {
      // The rule of src/wiring/renting/lease-effects.ts: a create that began before a crash is never sent again.
      if (actor === 'createInstance' && call.isResumed) {
        throw new HybridError({ code: 'VAST_CREATE_UNKNOWN', message: 'restarted during the create' });
      }
      this.invariants.noteStart(call, actor);
      return new Promise((resolve, reject) => {
        const run = { actor, call, resolve, reject };
        this.#runs.push(run);
        call.signal.addEventListener('abort', () => {
          this.#runs = this.#runs.filter((other) => other !== run);
          reject(call.signal.reason as Error);
        });
      });
    };
  }

  #running(rowId: string): Run | undefined {
    return this.#runs.find(({ call }) => call.rowId === rowId);
  }

  #take(rowId: string, actor: string): Run {
    const run = this.#running(rowId);
    if (run?.actor !== actor) {
      throw new Error(
        `${rowId} is ${JSON.stringify(this.value(rowId))} and runs ${run?.actor}, not ${actor}`,
      );
    }
    this.#runs = this.#runs.filter((other) => other !== run);
    return run;
  }
}
