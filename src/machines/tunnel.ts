import { assign, setup } from 'xstate';
import type { Fault } from '../errors.ts';
import type { MachineEndpoint } from './lease-context.ts';
import type { Milliseconds, UnixMs } from '../units.ts';
import { notWired } from './not-wired.ts';
import { atOf, faultOf } from './stamp.ts';
import { writes } from './writes.ts';

export interface TunnelInput {
  readonly leaseId: string;
  readonly endpoints: readonly MachineEndpoint[];
  /** Pinned host key; null before the first connection. */
  readonly hostKey: string | null;
  readonly callbackPort: number;
  /** How long SSH may answer and still refuse the key; fresh containers do for a while. */
  readonly authGraceMs: Milliseconds;
}

export interface TunnelContext extends TunnelInput {
  readonly fault: Fault | null;
  /** Failed connections in a row. */
  readonly tries: number;
  /** Since when the key has been refused without a success in between. */
  readonly refusedSince: UnixMs | null;
}

export type TunnelEvent = { readonly type: 'TUNNEL.CLOSE_ASKED' };

const failure = ({ event }: { event: unknown }): { fault: Fault; at: UnixMs } => ({
  fault: faultOf(event),
  at: atOf(event),
});

/** One SSH connection to one machine: calls go out through it, callbacks come back. The library does not reconnect. */
export const tunnelMachine = setup({
  types: {
    context: {} as TunnelContext,
    events: {} as TunnelEvent,
    input: {} as TunnelInput,
  },
  actors: {
    /** Connects through the first endpoint that opens and binds the callback port. */
    openSession: notWired<{ hostKey: string }, TunnelInput>('openSession'),
    /** Settles when the connection is gone. */
    holdSession: notWired<null, { leaseId: string }>('holdSession'),
  },
  guards: {
    /** A changed host key, a key that cannot be read: no reconnect will mend it. */
    isHopeless: ({ context }, params: { fault: Fault; at: UnixMs }) =>
      params.fault.class === 'terminal' ||
      params.fault.class === 'operator' ||
      (params.fault.code === 'SSH_AUTH_REFUSED' &&
        context.refusedSince !== null &&
        params.at - context.refusedSince > context.authGraceMs),
  },
  delays: { backoffPause: ({ context }) => Math.min(30_000, 1_000 * 2 ** Math.min(context.tries, 5)) },
  actions: {
    ...writes,
    noteHostKey: assign({
      hostKey: (_, params: { hostKey: string }) => params.hostKey,
      tries: 0,
      fault: null,
      refusedSince: null,
    }),
    noteFault: assign({
      fault: (_, params: { fault: Fault; at: UnixMs }) => params.fault,
      tries: ({ context }) => context.tries + 1,
      refusedSince: ({ context }, params) =>
        context.refusedSince ?? (params.fault.code === 'SSH_AUTH_REFUSED' ? params.at : null),
    }),
  },
}).createMachine({
  id: 'tunnel',
  initial: 'connecting',
  options: { maxIterations: 100 },
  context: ({ input }) => ({ ...input, fault: null, tries: 0, refusedSince: null }),
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
          authGraceMs: context.authGraceMs,
        }),
        onDone: { target: 'open', actions: { type: 'noteHostKey', params: ({ event }) => event.output } },
        onError: [
          {
            guard: { type: 'isHopeless', params: failure },
            target: 'broken',
            actions: { type: 'noteFault', params: failure },
          },
          {
            target: 'backoff',
            actions: { type: 'noteFault', params: failure },
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
          actions: { type: 'noteFault', params: failure },
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
