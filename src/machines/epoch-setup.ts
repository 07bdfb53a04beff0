import { assign, setup } from 'xstate';
import type { Fault } from '../errors.ts';
import { type EpochPlan, isSamePlan } from '../policy/epoch-plan.ts';
import { crewActions, crewGuards } from './epoch-crew.ts';
import {
  type ChoiceInput,
  type ChosenLease,
  type EpochContext,
  type EpochEvent,
  type EpochInput,
  type EpochOutcome,
  type EpochWork,
  type KeptCrew,
  wantsMore,
} from './epoch-context.ts';
import { notWired } from './not-wired.ts';
import { writes } from './writes.ts';

/** Everything that the epoch chart names: its actors, guards, delays and notes. */
export const epochSetup = setup({
  types: {
    context: {} as EpochContext,
    events: {} as EpochEvent,
    input: {} as EpochInput,
    tags: {} as 'following',
  },
  actors: {
    findKeptCrew: notWired<KeptCrew, { plan: EpochPlan; owner: string }>('findKeptCrew'),
    chooseOffer: notWired<ChosenLease, ChoiceInput>('chooseOffer'),
    countWork: notWired<EpochWork, { plan: EpochPlan; crew: EpochContext['crew'] }>('countWork'),
  },
  guards: {
    ...crewGuards,
    /** The height did not come: the chain halted for longer than the limit. */
    isCeiling: ({ event }) => 'ceiling' in event && event.ceiling,
    rentsNothing: ({ context }) => context.plan.mode === 'off',
    planDiffers: ({ context }, params: { plan: EpochPlan }) => !isSamePlan(context.plan, params.plan),
    holdsOn: ({ context }) => context.plan.holdUntilHeight > context.plan.validationEndHeight,
    hasFurtherLaunch: ({ context }) => context.plan.launchHeights[context.stage + 1] !== undefined,
    foundKept: (_, params: KeptCrew) => params.from !== null,
    needsPerson: ({ context }, params: { fault: Fault }) =>
      params.fault.class === 'operator' && context.crew.length === 0,
    /** After PoC has started one machine serves; a further one is rented only when it is over. */
    wantsReplacement: ({ context }) =>
      wantsMore(context) && (context.hasValidationEnded || !context.crew.some(({ isReady }) => isReady)),
  },
  delays: {
    /** An empty market or a failed search: prices move within seconds, the lead is short. */
    searchPause: 20_000,
    /** A wrong key or an empty account: asked again only so that a repair is noticed. */
    operatorPause: 120_000,
    handOverLimit: 10_000,
    /** A replacement that takes longer than usual gets a rival. */
    hedgePause: ({ context }) => context.plan.hedgeMs,
    countPause: 5_000,
    returnAlarm: 600_000,
  },
  actions: {
    ...writes,
    ...crewActions,
    notePlan: assign({ plan: (_, params: { plan: EpochPlan }) => params.plan }),
    noteFault: assign({ fault: (_, params: { fault: Fault }) => params.fault }),
    countLaunch: assign({ stage: ({ context }) => context.stage + 1 }),
    /**
     * What is lost in the middle of a PoC can be made good for minutes only, so all places are filled at once; a machine
     * that is held for the rest of an epoch has time for one after the other.
     */
    restartStage: assign({
      stage: ({ context: { plan } }) =>
        plan.holdUntilHeight > plan.validationEndHeight ? 1 : plan.launchHeights.length,
    }),
    notePocStarted: assign({ hasPocStarted: true }),
    noteTooLate: assign({ isTooLate: true }),
    noteGenerationEnded: assign({ hasGenerationEnded: true }),
    noteValidationEnded: assign({ hasValidationEnded: true }),
    noteOutcome: assign({
      outcome: ({ context }, params: { outcome: EpochOutcome }) => context.outcome ?? params.outcome,
    }),
    /** The proof is what the Network Node took, not which states were passed. */
    noteWork: assign({
      work: (_, params: EpochWork) => params,
      outcome: ({ context }, params) =>
        context.outcome ??
        (params.noncesDelivered > 0 && params.validationsDelivered > 0 ? 'completed' : 'missed'),
    }),
  },
});
