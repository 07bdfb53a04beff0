import type { Fault } from '../errors.ts';
import { blockHeight } from '../units.ts';
import type { EpochContext, LeaseNews } from './epoch-context.ts';
import { arm, epochSetup } from './epoch-setup.ts';
import { faultOf } from './stamp.ts';

const news = ({ event }: { event: LeaseNews }): LeaseNews => event;
const chainStart = () => blockHeight(0);
const lost = { type: 'noteLost', params: news } as const;
const failed = { type: 'noteOutcome', params: { outcome: 'failed' } } as const;
const missed = { type: 'noteOutcome', params: { outcome: 'missed' } } as const;
const myLease = { type: 'isMine', params: news } as const;
/** The chain halted for longer than the limit: the machine goes back, the PoC is not ours to save. */
const halted = { guard: 'isCeiling', target: '#epoch.releasing', actions: failed } as const;
const askRelease = {
  type: 'tell',
  params: ({ context }: { context: EpochContext }) => ({
    to: `lease:${context.leaseId}`,
    event: { type: 'LEASE.RELEASE_ASKED', reason: `PoC ${context.plan.epochIndex} is over` },
  }),
} as const;

/**
 * The machine is gone although the PoC still needs one: another is rented while one can still be of use. Not at once
 * when a person is needed: an image that does not exist fails on every machine.
 */
const rentAgain = {
  'LEASE.ENDED': [
    {
      guard: { type: 'isMineAndNeedsPerson', params: news },
      target: '#epoch.renting.waitingForPerson',
      actions: [
        lost,
        {
          type: 'raiseAlert',
          params: ({ event }: { event: LeaseNews }) => ({ key: 'renting', ...(event.fault as Fault) }),
        },
      ],
    },
    { guard: myLease, target: '#epoch.renting', actions: lost },
  ],
} as const;
const giveUp = { 'HEIGHT.TOO_LATE': { target: '#epoch.releasing', actions: missed } } as const;
/** Only until renting: from then on the heights are armed. */
const replan = (target: string) =>
  ({
    'PLAN.CHANGED': {
      guard: {
        type: 'planDiffers',
        params: ({ event }: { event: { plan: EpochContext['plan'] } }) => ({ plan: event.plan }),
      },
      target,
      reenter: true,
      actions: {
        type: 'notePlan',
        params: ({ event }: { event: { plan: EpochContext['plan'] } }) => ({ plan: event.plan }),
      },
    },
  }) as const;

/** The life of one PoC as its host sees it. One row an upcoming PoC; phases change by chain height alone. */
export const epochMachine = epochSetup.createMachine({
  id: 'epoch',
  initial: 'planned',
  options: { maxIterations: 100 },
  context: ({ input }) => ({
    plan: input.plan,
    leaseId: null,
    failedMachineIds: [],
    rentals: 0,
    failures: 0,
    hasPocStarted: false,
    isTooLate: false,
    outcome: null,
    work: null,
    fault: null,
  }),
  on: {
    'HEIGHT.POC_START': [{ guard: 'isCeiling' }, { actions: 'notePocStarted' }],
    'HEIGHT.TOO_LATE': { actions: 'noteTooLate' },
  },
  states: {
    planned: {
      always: [{ guard: 'rentsNothing', target: 'skipped' }, { target: 'idle' }],
    },
    idle: {
      entry: arm('HEIGHT.APPROACH', (plan) => plan.approachHeight, chainStart),
      exit: { type: 'disarmHeight', params: { id: 'HEIGHT.APPROACH' } },
      on: {
        ...replan('planned'),
        'HEIGHT.APPROACH': [{ guard: 'isCeiling', target: 'planned' }, { target: 'approaching' }],
      },
    },
    /** From here to the release heads are followed block by block. */
    approaching: {
      tags: 'following',
      entry: arm(
        'HEIGHT.RENT',
        (plan) => plan.rentHeight,
        (plan) => plan.approachHeight,
      ),
      exit: { type: 'disarmHeight', params: { id: 'HEIGHT.RENT' } },
      on: {
        ...replan('planned'),
        'HEIGHT.RENT': [
          { guard: 'isCeiling', target: 'planned' },
          {
            target: 'renting',
            actions: [
              arm(
                'HEIGHT.POC_START',
                (plan) => plan.pocStartHeight,
                (plan) => plan.rentHeight,
              ),
              arm(
                'HEIGHT.TOO_LATE',
                (plan) => plan.tooLateHeight,
                (plan) => plan.rentHeight,
              ),
            ],
          },
        ],
      },
    },
    renting: {
      tags: 'following',
      initial: 'choosing',
      on: giveUp,
      states: {
        choosing: {
          invoke: {
            id: 'chooseOffer',
            src: 'chooseOffer',
            input: ({ context }) => ({
              plan: context.plan,
              owner: `epoch:${context.plan.epochIndex}`,
              excludedMachineIds: context.failedMachineIds,
              failures: context.failures,
            }),
            onDone: {
              target: '#epoch.booting',
              actions: [
                { type: 'noteChosen', params: ({ event }) => event.output },
                { type: 'open', params: ({ event }) => event.output.opening },
                { type: 'clearAlert', params: { key: 'renting' } },
              ],
            },
            onError: [
              {
                guard: { type: 'needsPerson', params: ({ event }) => ({ fault: faultOf(event) }) },
                target: 'waitingForPerson',
                actions: [
                  { type: 'noteFault', params: ({ event }) => ({ fault: faultOf(event) }) },
                  { type: 'raiseAlert', params: ({ event }) => ({ key: 'renting', ...faultOf(event) }) },
                ],
              },
              {
                target: 'pausing',
                actions: [
                  { type: 'noteFault', params: ({ event }) => ({ fault: faultOf(event) }) },
                  { type: 'raiseAlert', params: ({ event }) => ({ key: 'renting', ...faultOf(event) }) },
                ],
              },
            ],
          },
        },
        pausing: { after: { searchPause: 'choosing' } },
        waitingForPerson: { after: { operatorPause: 'choosing' } },
      },
    },
    booting: {
      tags: 'following',
      on: {
        ...giveUp,
        ...rentAgain,
        'LEASE.READY': [
          { guard: { type: 'isMineAndPocStarted', params: news }, target: 'generating' },
          { guard: myLease, target: 'ready' },
        ],
      },
    },
    ready: {
      tags: 'following',
      on: {
        ...rentAgain,
        'HEIGHT.POC_START': [halted, { target: 'generating', actions: 'notePocStarted' }],
      },
    },
    /** The Network Node drives the machine through the gateway; here the heights pass. */
    generating: {
      tags: 'following',
      entry: [
        arm(
          'HEIGHT.GENERATION_END',
          (plan) => plan.generationEndHeight,
          (plan) => plan.pocStartHeight,
        ),
        {
          type: 'tell',
          params: ({ context }) => ({
            to: `lease:${context.leaseId}`,
            event: { type: 'LEASE.WORK_STARTED' },
          }),
        },
      ],
      on: {
        'LEASE.ENDED': [
          { guard: { type: 'isMineInTime', params: news }, target: 'renting', actions: lost },
          { guard: myLease, target: 'releasing', actions: [lost, failed] },
        ],
        'HEIGHT.GENERATION_END': [halted, { target: 'validating' }],
      },
    },
    validating: {
      tags: 'following',
      entry: arm(
        'HEIGHT.VALIDATION_END',
        (plan) => plan.validationEndHeight,
        (plan) => plan.generationEndHeight,
      ),
      on: {
        'LEASE.ENDED': {
          guard: myLease,
          target: 'releasing',
          actions: [lost, failed],
        },
        'HEIGHT.VALIDATION_END': [halted, { guard: 'holdsOn', target: 'holding' }, { target: 'releasing' }],
      },
    },
    /** Epoch policy: the machine stays for confirmation PoC until the next one starts. */
    holding: {
      tags: 'following',
      entry: arm(
        'HEIGHT.HOLD_END',
        (plan) => plan.holdUntilHeight,
        (plan) => plan.validationEndHeight,
      ),
      on: {
        'LEASE.ENDED': { guard: myLease, target: 'releasing', actions: lost },
        'HEIGHT.HOLD_END': 'releasing',
      },
    },
    releasing: {
      tags: 'following',
      entry: { type: 'clearAlert', params: { key: 'renting' } },
      initial: 'checking',
      states: {
        checking: { always: [{ guard: 'hasNoLease', target: 'counting' }, { target: 'returning' }] },
        returning: {
          entry: askRelease,
          on: { 'LEASE.GONE': { guard: myLease, target: 'counting' } },
          after: {
            returnAlarm: {
              target: 'returning',
              reenter: true,
              actions: {
                type: 'raiseAlert',
                params: ({ context }) => ({
                  key: `return:${context.leaseId}`,
                  code: 'VAST_LIST_UNKNOWN',
                  message: `the machine of lease ${context.leaseId} is not proven gone yet`,
                }),
              },
            },
          },
        },
        counting: {
          entry: { type: 'clearAlert', params: ({ context }) => ({ key: `return:${context.leaseId}` }) },
          invoke: {
            id: 'countWork',
            src: 'countWork',
            input: ({ context }) => ({ plan: context.plan }),
            onDone: {
              target: '#epoch.settled',
              actions: { type: 'noteWork', params: ({ event }) => event.output },
            },
            onError: 'recounting',
          },
        },
        recounting: { after: { countPause: 'counting' } },
      },
    },
    skipped: { type: 'final', entry: { type: 'noteOutcome', params: { outcome: 'skipped' } } },
    settled: { type: 'final' },
  },
});
