import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Fault } from '../../src/errors.ts';
import { createRuntime } from '../../src/runtime/durable-runtime.ts';
import type { Chart, Effect, EffectCall, Effects, RowEvent, Runtime } from '../../src/runtime/interface.ts';
import { openSqliteStore, type SqliteStore } from '../../src/runtime/sqlite-store.ts';
import type { Store } from '../../src/runtime/store.ts';
import { settle, VirtualClock } from '../../src/runtime/virtual-clock.ts';

/** An effect's run that the test ends by hand. */
export interface Run {
  readonly call: EffectCall;
  done(output?: unknown): Promise<void>;
  fail(error: unknown): Promise<void>;
}

export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ghm-runtime-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A runtime on a real file under a virtual clock, that can crash and come back. */
export class Rig {
  readonly clock = new VirtualClock(1_000_000);
  readonly path = join(temporaryDir(), 'store.sqlite');
  readonly runs: Run[] = [];
  readonly parked: { rowId: string; event: RowEvent; fault: Fault }[] = [];
  readonly late: string[] = [];
  charts: Record<string, Chart>;
  readonly #actors: readonly string[];
  readonly #wrap: (store: Store) => Store;
  readonly #maxRows: number | undefined;
  store!: SqliteStore;
  runtime!: Runtime;

  constructor(
    charts: Record<string, Chart>,
    options: { actors?: readonly string[]; wrap?: (store: Store) => Store; maxRows?: number } = {},
  ) {
    this.charts = charts;
    this.#actors = options.actors ?? ['job'];
    this.#wrap = options.wrap ?? ((store) => store);
    this.#maxRows = options.maxRows;
    this.boot();
    onTestFinished(() => this.crash());
  }

  boot(): void {
    this.store = openSqliteStore(this.path);
    const effects: Effects = Object.fromEntries(this.#actors.map((name) => [name, this.#byHand]));
    this.runtime = createRuntime({
      store: this.#wrap(this.store),
      clock: this.clock,
      charts: this.charts,
      effects: Object.fromEntries(Object.keys(this.charts).map((chart) => [chart, effects])),
      report: {
        parked: (rowId, event, fault) => this.parked.push({ rowId, event, fault }),
        late: (intentId) => this.late.push(intentId),
      },
      ...(this.#maxRows === undefined ? {} : { maxRows: this.#maxRows }),
    });
    this.runtime.start();
  }

  /** The process dies: nothing more is written, whatever was running. */
  async crash(): Promise<void> {
    this.store.close();
    for (const { call } of this.runs) if (!call.signal.aborted) this.#dead.add(call);
    await this.runtime.stop();
  }

  async restart(charts?: Record<string, Chart>): Promise<void> {
    if (charts !== undefined) this.charts = charts;
    await this.crash();
    this.runs.length = 0;
    this.boot();
    await settle();
  }

  value(rowId: string): unknown {
    return this.runtime.row(rowId)?.value;
  }

  context(rowId: string): Record<string, unknown> {
    return this.runtime.row(rowId)?.context as Record<string, unknown>;
  }

  /** Events of a row in the journal, in order. */
  events(rowId: string): RowEvent[] {
    return this.runtime
      .journalSince(0, 10_000)
      .filter((entry) => entry.rowId === rowId)
      .map(({ event }) => event);
  }

  readonly #dead = new Set<EffectCall>();
  readonly #byHand: Effect = (call) =>
    new Promise((resolve, reject) => {
      // What a dead process was waiting for does not keep the test waiting.
      call.signal.addEventListener(
        'abort',
        () => this.#dead.has(call) && reject(call.signal.reason as Error),
      );
      this.runs.push({
        call,
        done: async (output) => {
          resolve(output);
          await settle();
        },
        fail: async (error) => {
          reject(error);
          await settle();
        },
      });
    });
}
