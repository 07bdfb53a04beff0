import { assign, fromPromise, setup } from 'xstate';
import { writes } from '../../src/machines/writes.ts';
import type { Chart } from '../../src/runtime/interface.ts';
import type { BlockHeight, MicroUsd, MicroUsdPerHour, Milliseconds, UnixMs } from '../../src/units.ts';

const notWired = fromPromise<unknown, { count: number }>(() => {
  throw new Error('not provided');
});

export const chart = (
  machine: Chart['machine'],
  moneyActors: readonly string[] = [],
  version = 1,
): Chart => ({
  machine,
  version,
  moneyActors,
});

interface Note {
  readonly type: string;
  readonly n?: unknown;
  readonly at?: number;
}

/** Keeps what it was told, in order. */
export const sink = chart(
  setup({ types: { context: {} as { notes: unknown[] }, events: {} as Note } }).createMachine({
    id: 'sink',
    context: { notes: [] },
    on: {
      NOTE: { actions: assign({ notes: ({ context, event }) => [...context.notes, event.n] }) },
      'NOTE.BAD': {
        guard: () => {
          throw new Error('a guard that fails');
        },
      },
    },
  }),
);

interface WorkerContext {
  count: number;
  output: unknown;
  error: unknown;
  at: unknown;
  heights: unknown[];
}

/** Work, its time limit, its back-off, and every write that there is. */
export const workerMachine = setup({
  types: {
    context: {} as WorkerContext,
    events: {} as { type: string; n?: number; at?: number; height?: number; ceiling?: boolean; ms?: number },
    input: {} as { name: string } | undefined,
  },
  actors: { job: notWired },
  actions: { ...writes },
  delays: { limit: 10_000, backoff: 5000 },
}).createMachine({
  id: 'worker',
  initial: 'idle',
  options: { maxIterations: 100 },
  context: { count: 0, output: null, error: null, at: null, heights: [] },
  on: {
    FINISH: '.finished',
    TELL: {
      actions: {
        type: 'tell',
        params: ({ event }) => ({ to: 'sink', event: { type: 'NOTE', n: event.n } }),
      },
    },
    'TELL.BAD': { actions: { type: 'tell', params: { to: 'sink', event: { type: 'NOTE.BAD' } } } },
    'TELL.NOBODY': { actions: { type: 'tell', params: { to: 'nobody', event: { type: 'NOTE' } } } },
    OPEN: { actions: { type: 'open', params: { chart: 'sink', id: 'opened', input: null } } },
    ARM: {
      actions: {
        type: 'armHeight',
        params: ({ event }) => ({
          id: 'deadline',
          height: event.height as BlockHeight,
          event: { type: 'HEIGHT' },
          ceilingMs: (event.ms ?? 60_000) as Milliseconds,
        }),
      },
    },
    DISARM: { actions: { type: 'disarmHeight', params: { id: 'deadline' } } },
    HEIGHT: {
      actions: assign({
        heights: ({ context, event }) => [
          ...context.heights,
          event.ceiling === true ? 'ceiling' : event.height,
        ],
      }),
    },
    MONEY: {
      actions: [
        {
          type: 'keepLease',
          params: {
            label: 'ghm:d:l:1',
            instanceId: 7,
            price: 400_000 as MicroUsdPerHour,
            ttlUntil: 9 as UnixMs,
          },
        },
        { type: 'reserve', params: { amount: 5_000_000 as MicroUsd } },
      ],
    },
    'MONEY.END': {
      actions: [
        { type: 'keepLease', params: { isGone: true } },
        { type: 'settle', params: { amount: 1_250_000 as MicroUsd } },
      ],
    },
    ALERT: {
      actions: {
        type: 'raiseAlert',
        params: ({ event }) => ({ key: 'k', code: 'VAST_NO_OFFER' as const, message: `${event.n}` }),
      },
    },
    'ALERT.END': { actions: { type: 'clearAlert', params: { key: 'k' } } },
    BOOM: {
      actions: assign(() => {
        throw new Error('an assign that fails');
      }),
    },
    STAMP: { actions: assign({ at: ({ event }) => event.at }) },
  },
  states: {
    idle: { on: { GO: 'working' } },
    working: {
      entry: assign({ count: ({ context }) => context.count + 1 }),
      invoke: {
        id: 'job',
        src: 'job',
        input: ({ context }) => ({ count: context.count }),
        onDone: { target: 'idle', actions: assign({ output: ({ event }) => event.output }) },
        onError: { target: 'backoff', actions: assign({ error: ({ event }) => event.error }) },
      },
      on: { LEAVE: 'idle', AGAIN: { target: 'working', reenter: true } },
      after: { limit: 'idle' },
    },
    backoff: { after: { backoff: 'working' }, on: { LEAVE: 'idle' } },
    finished: { type: 'final' },
  },
});

export const worker = chart(workerMachine);
