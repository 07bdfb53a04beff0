import { assign, setup } from 'xstate';
import type { ErrorCode, Fault } from '../errors.ts';
import { milliseconds, type UnixMs } from '../units.ts';
import { notWired } from './not-wired.ts';
import { atOf, faultOf } from './stamp.ts';
import { writes } from './writes.ts';

export interface UpstreamInput {
  readonly name: string;
}

export interface UpstreamContext extends UpstreamInput {
  /** Faults in a row. */
  readonly failures: number;
  /** Times that it opened without an answer in between. */
  readonly trips: number;
  readonly fault: Fault | null;
  /** Since when nothing goes there; null while something does. */
  readonly openSince: UnixMs | null;
  /** When it is looked at again. */
  readonly openUntil: UnixMs | null;
}

export type UpstreamEvent =
  /** A fault of the back end: what callers do wrong, and callers who leave, are none. */
  | { readonly type: 'UPSTREAM.FAILED'; readonly fault: Fault }
  | { readonly type: 'UPSTREAM.ANSWERED' }
  | { readonly type: 'UPSTREAM.MODEL_MISSING'; readonly fault: Fault }
  | { readonly type: 'UPSTREAM.MODEL_LISTED' };

/** Passing faults in a row before it opens. */
const failuresMax = 5;
const openPauseMs = 10_000;
/** A key or an empty account is not mended in seconds. */
const lastingPauseMs = 60_000;
const openPauseMsMax = 300_000;

const pauseOf = (context: UpstreamContext): number =>
  milliseconds(
    Math.min(
      openPauseMsMax,
      (context.fault?.class === 'operator' ? lastingPauseMs : openPauseMs) *
        2 ** Math.min(context.trips - 1, 5),
    ),
  );

const code = (fault: Fault | null): ErrorCode => fault?.code ?? 'UPSTREAM_UNREACHABLE';

/** The breaker of one back end. In memory: after a restart it is closed, and the first faults open it again. */
export const upstreamMachine = setup({
  types: {
    context: {} as UpstreamContext,
    events: {} as UpstreamEvent,
    input: {} as UpstreamInput,
  },
  actors: {
    /** Reads the model list: a sign of life that costs no tokens. */
    readModels: notWired<null, { name: string }>('readModels'),
  },
  guards: {
    /** The key or the account: every further request would fail alike. */
    isLasting: (_, params: { fault: Fault }) => params.fault.class === 'operator',
    isEnough: ({ context }) => context.failures + 1 >= failuresMax,
  },
  delays: { openPause: ({ context }) => pauseOf(context) },
  actions: {
    ...writes,
    noteFault: assign({
      fault: (_, params: { fault: Fault }) => params.fault,
      failures: ({ context }) => context.failures + 1,
    }),
    noteAnswer: assign({ failures: 0, trips: 0, fault: null }),
    open: assign(({ context, event }) => {
      const next = { ...context, trips: context.trips + 1 };
      const at = atOf(event);
      return {
        trips: next.trips,
        openSince: context.openSince ?? at,
        openUntil: (at + pauseOf(next)) as UnixMs,
      };
    }),
    // One more fault opens it again: only an answer proves that it is well.
    close: assign({ failures: failuresMax - 1, openSince: null, openUntil: null }),
  },
}).createMachine({
  id: 'upstream',
  initial: 'closed',
  options: { maxIterations: 100 },
  context: ({ input }) => ({
    ...input,
    failures: 0,
    trips: 0,
    fault: null,
    openSince: null,
    openUntil: null,
  }),
  on: {
    'UPSTREAM.MODEL_MISSING': {
      actions: {
        type: 'raiseAlert',
        params: ({ event, context }) => ({
          key: `model:${context.name}`,
          code: event.fault.code,
          message: event.fault.message,
        }),
      },
    },
    'UPSTREAM.MODEL_LISTED': {
      actions: { type: 'clearAlert', params: ({ context }) => ({ key: `model:${context.name}` }) },
    },
  },
  states: {
    closed: {
      on: {
        'UPSTREAM.FAILED': [
          {
            guard: { type: 'isLasting', params: ({ event }) => event },
            target: 'open',
            actions: { type: 'noteFault', params: ({ event }) => event },
          },
          {
            guard: 'isEnough',
            target: 'open',
            actions: { type: 'noteFault', params: ({ event }) => event },
          },
          { actions: { type: 'noteFault', params: ({ event }) => event } },
        ],
        'UPSTREAM.ANSWERED': {
          actions: [
            'noteAnswer',
            { type: 'clearAlert', params: ({ context }) => ({ key: `breaker:${context.name}` }) },
          ],
        },
      },
    },
    open: {
      entry: [
        'open',
        {
          type: 'raiseAlert',
          params: ({ context }) => ({
            key: `breaker:${context.name}`,
            code: code(context.fault),
            message: `${context.name} is left alone: ${context.fault?.message ?? 'it does not answer'}`,
          }),
        },
      ],
      after: { openPause: 'halfOpen' },
    },
    halfOpen: {
      invoke: {
        id: 'readModels',
        src: 'readModels',
        input: ({ context }) => ({ name: context.name }),
        onDone: { target: 'closed', actions: 'close' },
        onError: {
          target: 'open',
          actions: { type: 'noteFault', params: ({ event }) => ({ fault: faultOf(event) }) },
        },
      },
    },
  },
});
