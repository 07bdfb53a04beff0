import { assign, setup } from 'xstate';
import type { Fault } from '../errors.ts';
import { notWired } from './not-wired.ts';
import { faultOf } from './stamp.ts';
import { writes } from './writes.ts';

export interface ParticipantInput {
  /** GONKA_HOST_ADDRESS. */
  readonly address: string;
}

export interface ParticipantContext extends ParticipantInput {
  /** Why the chain could not be asked the last time. */
  readonly fault: Fault | null;
}

/**
 * Whether the chain knows the host's account (docs/reference/protocol.md "Participants endpoint"). For a person only:
 * nothing waits for it, and a chain that does not answer says nothing. In memory.
 */
export const participantMachine = setup({
  types: { context: {} as ParticipantContext, input: {} as ParticipantInput },
  actors: { askForAccount: notWired<boolean, ParticipantInput>('askForAccount') },
  guards: { isKnown: (_, params: { isKnown: boolean }) => params.isKnown },
  delays: { knownPause: 3_600_000, missingPause: 600_000, retryPause: 60_000 },
  actions: {
    ...writes,
    noteFault: assign({ fault: (_, params: { fault: Fault }) => params.fault }),
    forgetFault: assign({ fault: null }),
  },
}).createMachine({
  id: 'participant',
  initial: 'asking',
  options: { maxIterations: 100 },
  context: ({ input }) => ({ ...input, fault: null }),
  states: {
    asking: {
      invoke: {
        id: 'askForAccount',
        src: 'askForAccount',
        input: ({ context }) => ({ address: context.address }),
        onDone: [
          {
            guard: { type: 'isKnown', params: ({ event }) => ({ isKnown: event.output }) },
            target: 'known',
            actions: 'forgetFault',
          },
          { target: 'missing', actions: 'forgetFault' },
        ],
        onError: {
          target: 'waiting',
          actions: { type: 'noteFault', params: ({ event }) => ({ fault: faultOf(event) }) },
        },
      },
    },
    known: {
      entry: { type: 'clearAlert', params: { key: 'participant' } },
      after: { knownPause: 'asking' },
    },
    missing: {
      entry: {
        type: 'raiseAlert',
        params: ({ context }) => ({
          key: 'participant',
          code: 'PARTICIPANT_MISSING',
          message: `the chain knows no account ${context.address} (GONKA_HOST_ADDRESS); PoC and inference go on`,
        }),
      },
      after: { missingPause: 'asking' },
    },
    waiting: { after: { retryPause: 'asking' } },
  },
});
