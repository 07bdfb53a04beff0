import { blockHeight } from '../units.ts';
import type { CrewWanted, EpochContext } from './epoch-context.ts';
import { releasing } from './epoch-ending.ts';
import { arm, armNextLaunch, armPocStart, armTooLate } from './epoch-heights.ts';
import { booting, renting, takingOver } from './epoch-renting.ts';
import { generating, holding, ready, replacing, validating } from './epoch-serving.ts';
import { epochSetup } from './epoch-setup.ts';

const chainStart = () => blockHeight(0);
const newPlan = ({ event }: { event: { plan: EpochContext['plan'] } }) => ({ plan: event.plan });
/** Only until renting: from then on the heights are armed. */
const replan = {
  'PLAN.CHANGED': {
    guard: { type: 'planDiffers', params: newPlan },
    target: '#epoch.planned',
    reenter: true,
    actions: { type: 'notePlan', params: newPlan },
  },
} as const;

/** The life of one PoC as its host sees it. One row an upcoming PoC; phases change by chain height alone. */
export const epochMachine = epochSetup.createMachine({
  id: 'epoch',
  initial: 'planned',
  options: { maxIterations: 100 },
  context: ({ input }) => ({
    plan: input.plan,
    crew: [],
    stage: 0,
    failedMachineIds: [],
    rentals: 0,
    failures: 0,
    hasPocStarted: false,
    isTooLate: false,
    hasGenerationEnded: false,
    hasValidationEnded: false,
    outcome: null,
    work: null,
    fault: null,
  }),
  on: {
    'HEIGHT.LAUNCH': [
      { guard: 'isCeiling' },
      { guard: 'hasFurtherLaunch', actions: ['countLaunch', armNextLaunch] },
      { actions: 'countLaunch' },
    ],
    'HEIGHT.TOO_LATE': { actions: 'noteTooLate' },
    // Nothing is held here: the asker rents.
    'CREW.WANTED': {
      actions: {
        type: 'tell',
        params: ({ event }: { event: CrewWanted }) => ({
          to: event.to,
          event: { type: 'CREW.GIVEN', members: [] },
        }),
      },
    },
  },
  states: {
    planned: {
      always: [{ guard: 'rentsNothing', target: 'skipped' }, { target: 'idle' }],
    },
    idle: {
      entry: arm('HEIGHT.APPROACH', (plan) => plan.approachHeight, chainStart),
      exit: { type: 'disarmHeight', params: { id: 'HEIGHT.APPROACH' } },
      on: {
        ...replan,
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
        ...replan,
        'HEIGHT.RENT': [
          { guard: 'isCeiling', target: 'planned' },
          {
            guard: 'hasFurtherLaunch',
            target: 'takingOver',
            actions: ['countLaunch', armNextLaunch, armPocStart, armTooLate],
          },
          { target: 'takingOver', actions: ['countLaunch', armPocStart, armTooLate] },
        ],
      },
    },
    takingOver,
    renting,
    booting,
    ready,
    generating,
    validating,
    holding,
    replacing,
    releasing,
    skipped: { type: 'final', entry: { type: 'noteOutcome', params: { outcome: 'skipped' } } },
    settled: { type: 'final' },
  },
});
