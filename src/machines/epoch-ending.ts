import { given, mine, news } from './epoch-renting.ts';
import { epochSetup } from './epoch-setup.ts';

/** All machines go back, then the work is counted by what the Network Node took. */
export const releasing = epochSetup.createStateConfig({
  tags: 'following',
  entry: { type: 'clearAlert', params: { key: 'renting' } },
  initial: 'returning',
  on: {
    // Handed over too late to be of use.
    'CREW.GIVEN': { target: '.returning', reenter: true, actions: { type: 'noteGiven', params: given } },
  },
  states: {
    returning: {
      entry: 'tellRelease',
      always: { guard: 'hasNoCrew', target: 'counting' },
      on: { 'LEASE.GONE': { guard: mine, actions: { type: 'dropMember', params: news } } },
      after: {
        returnAlarm: {
          target: 'returning',
          reenter: true,
          actions: {
            type: 'raiseAlert',
            params: ({ context }) => ({
              key: `return:${context.plan.epochIndex}`,
              code: 'VAST_LIST_UNKNOWN',
              message: `not proven gone yet: the machines of leases ${context.crew.map(({ leaseId }) => leaseId).join(', ')}`,
            }),
          },
        },
      },
    },
    counting: {
      entry: { type: 'clearAlert', params: ({ context }) => ({ key: `return:${context.plan.epochIndex}` }) },
      invoke: {
        id: 'countWork',
        src: 'countWork',
        input: ({ context }) => ({ plan: context.plan, crew: context.crew }),
        onDone: {
          target: '#epoch.settled',
          actions: { type: 'noteWork', params: ({ event }) => event.output },
        },
        onError: 'recounting',
      },
    },
    recounting: { after: { countPause: 'counting' } },
  },
});
