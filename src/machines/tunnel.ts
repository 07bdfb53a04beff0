import { assign, setup } from 'xstate';
import type { Fault } from '../errors.ts';
import type { MachineEndpoint } from './lease-context.ts';
import { notWired } from './not-wired.ts';
import { faultOf } from './stamp.ts';
import { writes } from './writes.ts';

export interface TunnelInput {
  readonly leaseId: string;
  readonly endpoints: readonly MachineEndpoint[];
  /** Pinned host key; null before the first connection. */
  readonly hostKey: string | null;
  readonly callbackPort: number;
}

export interface TunnelContext extends TunnelInput {
  readonly fault: Fault | null;
  /** Failed connections in a row. */
  readonly tries: number;
}

export type TunnelEvent = { readonly type: 'TUNNEL.CLOSE_ASKED' };

/** One SSH connection to one machine: calls go out through it, callbacks come back. The library does not reconnect. */
export const tunnelMachine = setup({
  types: {
    context: {} as TunnelContext,
    events: {} as TunnelEvent,
    input: {} as TunnelInput,
  },
  actors: {
    /** Connects through the first endpoint that opens and binds the callback port. */
    openSession: notWired<
      { hostKey: string },
      { leaseId: string; endpoints: readonly MachineEndpoint[]; hostKey: string | null; callbackPort: number }
    >('openSession'),
    /** Settles when the connection is gone. */
    holdSession: notWired<null, { leaseId: string }>('holdSession'),
  },
  guards: {
    /** A changed host key, a key that cannot be read: no reconnect will mend it. */
    isHopeless: (_, params: { fault: Fault }) =>
      params.fault.class === 'terminal' || params.fault.class === 'operator',
  },
  delays: { backoffPause: ({ context }) => Math.min(30_000, 1_000 * 2 ** Math.min(context.tries, 5)) },
  actions: {
    ...writes,
    noteHostKey: assign({
      hostKey: (_, params: { hostKey: string }) => params.hostKey,
      tries: 0,
      fault: null,
    }),
    noteFault: assign({
      fault: (_, params: { fault: Fault }) => params.fault,
      tries: ({ context }) => context.tries + 1,
    }),
  },
}).createMachine({
  id: 'tunnel',
  initial: 'connecting',
  options: { maxIterations: 100 },
  context: ({ input }) => ({ ...input, fault: null, tries: 0 }),
  on: { 'TUNNEL.CLOSE_ASKED': '.closed' },
  states: {
    connecting: {
      invoke: {
        id: 'openSession',
        src: 'openSession',
        input: ({ context }) => ({
          leaseId: context.leaseId,
          endpoints: context.endpoints,
          hostKey: context.hostKey,
          callbackPort: context.callbackPort,
        }),
        onDone: { target: 'open', actions: { type: 'noteHostKey', params: ({ event }) => event.output } },
        onError: [
          {
            guard: { type: 'isHopeless', params: ({ event }) => ({ fault: faultOf(event) }) },
            target: 'broken',
            actions: { type: 'noteFault', params: ({ event }) => ({ fault: faultOf(event) }) },
          },
          {
            target: 'backoff',
            actions: { type: 'noteFault', params: ({ event }) => ({ fault: faultOf(event) }) },
          },
        ],
      },
    },
    open: {
      invoke: {
        id: 'holdSession',
        src: 'holdSession',
        input: ({ context }) => ({ leaseId: context.leaseId }),
        onDone: 'lost',
        onError: {
          target: 'lost',
          actions: { type: 'noteFault', params: ({ event }) => ({ fault: faultOf(event) }) },
        },
      },
    },
    /** Calls fail from here on; the machine keeps its batches and sends them again. */
    lost: { always: 'backoff' },
    backoff: { after: { backoffPause: 'connecting' } },
    broken: { type: 'final' },
    closed: { type: 'final' },
  },
});
