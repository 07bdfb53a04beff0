import * as fc from 'fast-check';
import { assign, fromPromise, setup } from 'xstate';
import { describe, expect, it } from 'vitest';
import { writes } from '../../src/machines/writes.ts';
import { createRuntime } from '../../src/runtime/durable-runtime.ts';
import type { Runtime } from '../../src/runtime/interface.ts';
import { openSqliteStore, type SqliteStore } from '../../src/runtime/sqlite-store.ts';
import { blockHeight, milliseconds } from '../../src/units.ts';
import { settle, VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { chart, sink } from './charts.ts';
import { CrashingStore, type CrashPoint } from './crashing-store.ts';
import { temporaryDir } from './rig.ts';

/** Every kind of action in one life: work, limits, back-off, messages, children, heights. */
const traveller = setup({
  types: {
    context: {} as { name: string; trips: number; earned: number; errors: number; low: number },
    events: {} as { type: string; n?: number; output?: number },
    input: {} as { name: string },
  },
  actors: { job: fromPromise<number, unknown>(async () => 0) },
  actions: { ...writes },
}).createMachine({
  id: 'traveller',
  initial: 'home',
  context: ({ input }) => ({ name: input?.name, trips: 0, earned: 0, errors: 0, low: 0 }),
  on: { LOW: { actions: assign({ low: ({ context }) => context.low + 1 }) } },
  states: {
    home: { on: { GO: 'away' } },
    away: {
      entry: [
        assign({ trips: ({ context }) => context.trips + 1 }),
        {
          type: 'tell',
          params: ({ context }) => ({
            to: 'sink',
            event: { type: 'NOTE', n: `${context.name} leaves ${context.trips}` },
          }),
        },
        {
          type: 'armHeight',
          params: ({ context }) => ({
            id: 'low',
            height: blockHeight(10 * context.trips),
            event: { type: 'LOW' },
            ceilingMs: milliseconds(4000),
          }),
        },
      ],
      invoke: {
        id: 'job',
        src: 'job',
        onDone: {
          target: 'resting',
          actions: assign({ earned: ({ context, event }) => context.earned + event.output }),
        },
        onError: { target: 'ill', actions: assign({ errors: ({ context }) => context.errors + 1 }) },
      },
      on: { STOP: 'home' },
      after: { 2000: 'resting' },
    },
    ill: { after: { 700: 'away' } },
    resting: {
      entry: {
        type: 'open',
        params: ({ context }) => ({ chart: 'sink', id: `${context.name}/${context.trips}`, input: null }),
      },
      exit: {
        type: 'tell',
        params: ({ context }) => ({
          to: `${context.name}/${context.trips}`,
          event: { type: 'NOTE', n: 'left' },
        }),
      },
      on: { GO: 'away' },
      after: { 300: 'home' },
    },
  },
});
const charts = { traveller: chart(traveller), sink };
const names = ['ann', 'bob'] as const;

type Command =
  | { readonly kind: 'send'; readonly to: string; readonly type: string }
  | { readonly kind: 'settle'; readonly to: string; readonly isDone: boolean }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'height'; readonly by: number };

/** One life of the world: the same commands, with or without deaths. After each death the process is back at once. */
class Life {
  readonly clock = new VirtualClock(1_000_000);
  readonly #path = `${temporaryDir()}/store.sqlite`;
  readonly #crashes = new CrashingStore();
  /** The neighbour's side of each intent: decided once, whoever asks, however often. */
  readonly #asked = new Map<string, PromiseWithResolvers<number>>();
  #store!: SqliteStore;
  runtime!: Runtime;
  #height = 0;
  #sent = 0;
  deaths = 0;

  constructor() {
    this.#boot();
    this.#insist(() => this.runtime.open('sink', 'sink', null));
    for (const name of names) this.#insist(() => this.runtime.open('traveller', name, { name }));
  }

  async follow(command: Command, crash: CrashPoint | undefined): Promise<void> {
    if (crash !== undefined) this.#crashes.dieAt(crash);
    if (command.kind === 'send') this.#send(command.to, command.type);
    else if (command.kind === 'settle') this.#settle(command.to, command.isDone);
    else if (command.kind === 'pass') await this.clock.advanceBy(command.ms);
    else this.#insist(() => this.runtime.heightReached(blockHeight((this.#height += command.by))));
    for (let i = 0; i < 3; i++) await settle();
  }

  end(): unknown {
    const rows = this.runtime.rows({ all: true, limit: 1000 }).map(({ id, value, context, openIntents }) => ({
      id,
      value,
      context,
      openIntents,
    }));
    this.#store.close();
    return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  #send(to: string, type: string): void {
    const n = ++this.#sent;
    const wasTaken = () => this.runtime.journalSince(0, 1e6).some(({ event }) => event['sent'] === n);
    // Whoever was not answered asks whether it was taken before it asks again.
    this.#insist(() => wasTaken() || this.runtime.send(to, { type, sent: n }));
  }

  #settle(to: string, isDone: boolean): void {
    const [intentId] = this.runtime.row(to)?.openIntents ?? [];
    const asked = intentId === undefined ? undefined : this.#asked.get(intentId);
    if (isDone) asked?.resolve(5);
    else asked?.reject(new Error('no'));
  }

  #insist(work: () => unknown): void {
    try {
      work();
    } catch (error) {
      if (!this.#crashes.hasCrashed) throw error;
      this.#reboot();
      work();
    }
  }

  #reboot(): void {
    if (!this.#crashes.hasCrashed) return;
    this.#crashes.hasCrashed = false;
    this.deaths += 1;
    void this.runtime.stop();
    this.#boot();
    if (this.#height > 0) this.runtime.heightReached(blockHeight(this.#height));
  }

  #boot(): void {
    this.#store = openSqliteStore(this.#path);
    // The test is about order, not about power cuts.
    this.#store.database.exec('PRAGMA synchronous=OFF');
    const store = this.#crashes.wrap(this.#store);
    this.runtime = createRuntime({
      store: {
        ...store,
        transaction: (work) => {
          try {
            return store.transaction(work);
          } finally {
            if (this.#crashes.hasCrashed) queueMicrotask(() => this.#reboot());
          }
        },
      },
      clock: this.clock,
      charts,
      effects: { traveller: { job: ({ intentId }) => this.#ask(intentId) } },
      report: {
        parked: (rowId, event, fault) => {
          throw new Error(`${rowId} parked ${event.type}: ${fault.message}`);
        },
        late: () => {},
      },
    });
    this.runtime.start();
  }

  #ask(intentId: string): Promise<number> {
    const known = this.#asked.get(intentId) ?? Promise.withResolvers<number>();
    known.promise.catch(() => {});
    this.#asked.set(intentId, known);
    return known.promise;
  }
}

const who = fc.constantFrom(...names);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('send'), to: who, type: fc.constantFrom('GO', 'GO', 'STOP') }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('settle'), to: who, isDone: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.integer({ min: 1, max: 2500 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('height'), by: fc.integer({ min: 1, max: 15 }) }) },
);
const crash = fc.option(
  fc.record({
    after: fc.integer({ min: 1, max: 4 }),
    when: fc.constantFrom('before' as const, 'after' as const),
  }),
  { nil: undefined, freq: 3 },
);

describe('a life with crashes', () => {
  it('ends where the same life without crashes ends', { timeout: 60_000 }, async () => {
    let deaths = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(command, crash), { minLength: 4, maxLength: 14 }), async (steps) => {
        const calm = new Life();
        const stormy = new Life();
        for (const [each, point] of steps) {
          await calm.follow(each, undefined);
          await stormy.follow(each, point);
        }
        deaths += stormy.deaths;
        expect(stormy.end()).toEqual(calm.end());
      }),
      { numRuns: 60, seed: 20_261_123 },
    );
    expect(deaths).toBeGreaterThan(60);
  });
});
