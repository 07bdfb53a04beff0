import type { Fault } from '../errors.ts';
import type { CrewGiven, EpochContext, LeaseNews } from './epoch-context.ts';
import { epochSetup } from './epoch-setup.ts';
import { faultOf } from './stamp.ts';

export const news = ({ event }: { event: LeaseNews }): LeaseNews => event;
export const given = ({ event }: { event: CrewGiven }): CrewGiven => event;
export const lost = { type: 'noteLost', params: news } as const;
export const mine = { type: 'isMine', params: news } as const;
export const failed = { type: 'noteOutcome', params: { outcome: 'failed' } } as const;
export const missed = { type: 'noteOutcome', params: { outcome: 'missed' } } as const;

/** The chain halted for longer than the limit: the machines go back, the PoC is not ours to save. */
export const halted = { guard: 'isCeiling', target: '#epoch.releasing', actions: failed } as const;

const alarm = {
  type: 'raiseAlert',
  params: ({ event }: { event: LeaseNews }) => ({ key: 'renting', ...(event.fault as Fault) }),
} as const;

/**
 * While machines are looked for: one that fails is left out, and another one is looked for at once. Not when a person
 * is needed: an image that does not exist fails on every machine.
 */
export const crewNews = (dispatcher: string, waiting: string) =>
  ({
    'LEASE.READY': { guard: mine, target: dispatcher, actions: { type: 'noteReady', params: news } },
    'LEASE.ENDED': [
      {
        guard: { type: 'isMineAndNeedsPerson', params: news },
        target: waiting,
        actions: [lost, alarm],
      },
      { guard: mine, target: dispatcher, actions: lost },
    ],
    'CREW.GIVEN': { target: dispatcher, actions: { type: 'noteGiven', params: given } },
  }) as const;

const search = ({ event }: { event: unknown }) => ({ fault: faultOf(event) });
const noted = { type: 'noteFault', params: search } as const;
const searchAlarm = {
  type: 'raiseAlert',
  params: ({ event }: { event: unknown }) => ({ key: 'renting', ...faultOf(event) }),
} as const;

/** Choosing an offer and opening its lease, with the pauses between searches; `dispatcher` says what comes then. */
export const choosingStates = (dispatcher: string, isReplacement: boolean) =>
  ({
    choosing: epochSetup.createStateConfig({
      invoke: {
        id: 'chooseOffer',
        src: 'chooseOffer',
        input: ({ context }: { context: EpochContext }) => ({
          plan: context.plan,
          owner: `epoch:${context.plan.epochIndex}`,
          crewMachineIds: context.crew.map(({ machineId }) => machineId),
          failedMachineIds: context.failedMachineIds,
          failures: context.failures,
          crewSize: context.crew.length,
          stage: context.stage,
          isReplacement,
        }),
        onDone: {
          target: dispatcher,
          actions: [
            { type: 'noteChosen', params: ({ event }) => event.output },
            { type: 'open', params: ({ event }) => event.output.opening },
            { type: 'clearAlert', params: { key: 'renting' } },
          ],
        },
        onError: [
          {
            guard: { type: 'needsPerson', params: search },
            target: 'waitingForPerson',
            actions: [noted, searchAlarm],
          },
          // A hedge that cannot be had is no news for a person.
          { guard: 'hasCrew', target: 'pausing', actions: noted },
          { target: 'pausing', actions: [noted, searchAlarm] },
        ],
      },
    }),
    pausing: epochSetup.createStateConfig({ after: { searchPause: dispatcher } }),
    waitingForPerson: epochSetup.createStateConfig({ after: { operatorPause: dispatcher } }),
  }) as const;

/** Too late for the Network Node to start one; or the chain stands still, and what boots goes back with the rest. */
const giveUp = {
  'HEIGHT.TOO_LATE': { target: '#epoch.releasing', actions: ['noteTooLate', missed] },
  'HEIGHT.POC_START': [halted, { actions: 'notePocStarted' }],
} as const;

/** Keeps what the row before holds, where it fits; asked once, before anything is rented. */
export const takingOver = epochSetup.createStateConfig({
  tags: 'following',
  initial: 'looking',
  on: giveUp,
  states: {
    looking: {
      invoke: {
        id: 'findKeptCrew',
        src: 'findKeptCrew',
        input: ({ context }) => ({ plan: context.plan, owner: `epoch:${context.plan.epochIndex}` }),
        onDone: [
          {
            guard: { type: 'foundKept', params: ({ event }) => event.output },
            target: 'asking',
            actions: {
              type: 'tell',
              params: ({ context, event }) => ({
                to: event.output.from ?? '',
                event: {
                  type: 'CREW.WANTED',
                  to: `epoch:${context.plan.epochIndex}`,
                  leases: event.output.leases,
                },
              }),
            },
          },
          { target: '#epoch.booting' },
        ],
        onError: '#epoch.booting',
      },
    },
    asking: {
      on: { 'CREW.GIVEN': { target: '#epoch.booting', actions: { type: 'noteGiven', params: given } } },
      after: { handOverLimit: '#epoch.booting' },
    },
  },
});

export const renting = epochSetup.createStateConfig({
  tags: 'following',
  initial: 'choosing',
  on: {
    ...giveUp,
    ...crewNews('#epoch.booting', '#epoch.renting.waitingForPerson'),
    'HEIGHT.POC_START': [
      halted,
      // Those of a fleet that are there begin without the one that is still looked for.
      { guard: 'canGenerate', target: '#epoch.booting', actions: 'notePocStarted' },
      { actions: 'notePocStarted' },
    ],
  },
  states: choosingStates('#epoch.booting', false),
});

/** Machines are on their way; says after each piece of news what is to be done. */
export const booting = epochSetup.createStateConfig({
  tags: 'following',
  always: [
    { guard: 'canServe', target: '#epoch.generating' },
    { guard: 'isStaffed', target: '#epoch.ready' },
    { guard: 'wantsMore', target: '#epoch.renting' },
  ],
  on: { ...giveUp, ...crewNews('#epoch.booting', '#epoch.renting.waitingForPerson') },
});
