import { assign, raise, setup } from 'xstate';
import type { Fault } from '../errors.ts';
import { addSample, estimateBlockTime, type HeadSample } from '../policy/block-time.ts';
import type { Milliseconds } from '../units.ts';
import { notWired } from './not-wired.ts';
import { faultOf } from './stamp.ts';
import { writes } from './writes.ts';

export interface ChainClockInput {
  /** Between two looks at the chain; see `CLOCK.PACE_SET`. */
  readonly pauseMs: Milliseconds;
  /** Without a new height for this long the chain counts as stale … */
  readonly staleAfterMs: Milliseconds;
  /** … and after this much more as halted (`CHAIN_HALT_LIMIT`). */
  readonly haltAfterMs: Milliseconds;
}

export interface ChainClockContext extends ChainClockInput {
  /** The newest head, with whatever else the source told; null until one was read. */
  readonly head: (HeadSample & { readonly [field: string]: unknown }) | null;
  readonly samples: readonly HeadSample[];
  readonly blockTimeMs: Milliseconds;
  readonly fault: Fault | null;
}

export type ChainClockEvent =
  /** Heads are followed block by block from approaching to release, and at the check interval otherwise. */
  { readonly type: 'CLOCK.PACE_SET'; readonly pauseMs: Milliseconds } | { readonly type: 'HEAD.ADVANCED' };

type Head = HeadSample & { readonly [field: string]: unknown };

/** Where the chain is, and whether its word can be trusted. Two regions: asking, and what the answers mean. */
export const chainClockMachine = setup({
  types: {
    context: {} as ChainClockContext,
    events: {} as ChainClockEvent,
    input: {} as ChainClockInput,
  },
  actors: { readHead: notWired<Head, null>('readHead') },
  guards: {
    isHigher: ({ context }, params: { head: Head }) =>
      context.head === null || params.head.height > context.head.height,
  },
  delays: {
    askPause: ({ context }) => context.pauseMs,
    staleLimit: ({ context }) => context.staleAfterMs,
    haltLimit: ({ context }) => context.haltAfterMs,
  },
  actions: {
    ...writes,
    noteHead: assign(({ context }, params: { head: Head }) => {
      const samples = addSample(context.samples, params.head);
      return { head: params.head, samples, blockTimeMs: estimateBlockTime(samples), fault: null };
    }),
    noteFault: assign({ fault: (_, params: { fault: Fault }) => params.fault }),
    forgetFault: assign({ fault: null }),
    notePace: assign({ pauseMs: (_, params: { pauseMs: Milliseconds }) => params.pauseMs }),
    announce: raise({ type: 'HEAD.ADVANCED' }),
  },
}).createMachine({
  id: 'chainClock',
  type: 'parallel',
  options: { maxIterations: 100 },
  context: ({ input }) => ({
    ...input,
    head: null,
    samples: [],
    blockTimeMs: estimateBlockTime([]),
    fault: null,
  }),
  states: {
    asking: {
      initial: 'reading',
      states: {
        reading: {
          on: { 'CLOCK.PACE_SET': { actions: { type: 'notePace', params: ({ event }) => event } } },
          invoke: {
            id: 'readHead',
            src: 'readHead',
            input: null,
            onDone: [
              {
                guard: { type: 'isHigher', params: ({ event }) => ({ head: event.output }) },
                target: 'pausing',
                actions: [{ type: 'noteHead', params: ({ event }) => ({ head: event.output }) }, 'announce'],
              },
              { target: 'pausing', actions: 'forgetFault' },
            ],
            onError: {
              target: 'pausing',
              actions: { type: 'noteFault', params: ({ event }) => ({ fault: faultOf(event) }) },
            },
          },
        },
        pausing: {
          on: {
            'CLOCK.PACE_SET': {
              target: 'reading',
              actions: { type: 'notePace', params: ({ event }) => event },
            },
          },
          after: { askPause: 'reading' },
        },
      },
    },
    standing: {
      initial: 'syncing',
      states: {
        syncing: { on: { 'HEAD.ADVANCED': 'following' }, after: { staleLimit: 'stale' } },
        following: {
          entry: { type: 'clearAlert', params: { key: 'chain' } },
          on: { 'HEAD.ADVANCED': { target: 'following', reenter: true } },
          after: { staleLimit: 'stale' },
        },
        stale: {
          entry: {
            type: 'raiseAlert',
            params: ({ context }) => ({
              key: 'chain',
              code: context.fault?.code ?? 'CHAIN_UNREACHABLE',
              message: context.fault?.message ?? 'no new block height from any source',
            }),
          },
          on: { 'HEAD.ADVANCED': 'following' },
          after: { haltLimit: 'halted' },
        },
        halted: { on: { 'HEAD.ADVANCED': 'following' } },
      },
    },
  },
});
