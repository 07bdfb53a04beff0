import { assign, setup } from 'xstate';
import { notWired } from './not-wired.ts';
import { faultOf } from './stamp.ts';
import { writes } from './writes.ts';

/** An instance that bears our deployment's label and belongs to no open lease. */
export interface Orphan {
  readonly instanceId: number;
  readonly label: string;
}

export interface ReconcilerContext {
  readonly orphans: readonly Orphan[];
  /** Destroyed so far, since the row was opened. */
  readonly destroyed: number;
}

export type ReconcilerEvent = { readonly type: 'RECONCILER.LOOK_ASKED' };

/**
 * Looks for machines of ours that no row knows: a create whose answer was lost and that appeared late, a store that
 * was lost. It owns exactly its own deployment's labels; a list that does not count changes nothing (invariant I2).
 */
export const reconcilerMachine = setup({
  types: { context: {} as ReconcilerContext, events: {} as ReconcilerEvent },
  actors: {
    findOrphans: notWired<{ orphans: readonly Orphan[] }, null>('findOrphans'),
    destroyOrphans: notWired<{ destroyed: number }, { orphans: readonly Orphan[] }>('destroyOrphans'),
  },
  guards: {
    foundAny: (_, params: { orphans: readonly Orphan[] }) => params.orphans.length > 0,
  },
  delays: {
    /** An orphan is destroyed at most a minute after the first list that shows it. */
    lookPause: 45_000,
    retryPause: 15_000,
  },
  actions: {
    ...writes,
    noteOrphans: assign({ orphans: (_, params: { orphans: readonly Orphan[] }) => params.orphans }),
    noteDestroyed: assign({
      orphans: [],
      destroyed: ({ context }, params: { destroyed: number }) => context.destroyed + params.destroyed,
    }),
  },
}).createMachine({
  id: 'reconciler',
  initial: 'looking',
  options: { maxIterations: 100 },
  context: { orphans: [], destroyed: 0 },
  states: {
    looking: {
      invoke: {
        id: 'findOrphans',
        src: 'findOrphans',
        input: null,
        onDone: [
          {
            guard: { type: 'foundAny', params: ({ event }) => event.output },
            target: 'destroying',
            actions: [
              { type: 'noteOrphans', params: ({ event }) => event.output },
              {
                type: 'raiseAlert',
                params: ({ event }) => ({
                  key: 'orphans',
                  code: 'VAST_ORPHAN_FOUND',
                  message: `destroying instances that no lease knows: ${event.output.orphans
                    .map((orphan) => orphan.instanceId)
                    .join(', ')}`,
                }),
              },
            ],
          },
          { target: 'resting', actions: { type: 'clearAlert', params: { key: 'orphans' } } },
        ],
        onError: {
          target: 'waiting',
          actions: {
            type: 'raiseAlert',
            params: ({ event }) => ({
              key: 'orphan look',
              code: faultOf(event).code,
              message: faultOf(event).message,
            }),
          },
        },
      },
    },
    destroying: {
      invoke: {
        id: 'destroyOrphans',
        src: 'destroyOrphans',
        input: ({ context }) => ({ orphans: context.orphans }),
        onDone: {
          target: 'waiting',
          actions: { type: 'noteDestroyed', params: ({ event }) => event.output },
        },
        onError: 'waiting',
      },
    },
    resting: {
      entry: { type: 'clearAlert', params: { key: 'orphan look' } },
      on: { 'RECONCILER.LOOK_ASKED': 'looking' },
      after: { lookPause: 'looking' },
    },
    /** After a failure, or a destroy whose effect the next list must show. */
    waiting: { on: { 'RECONCILER.LOOK_ASKED': 'looking' }, after: { retryPause: 'looking' } },
  },
});
