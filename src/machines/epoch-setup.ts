import { assign, setup } from 'xstate';
import type { Fault } from '../errors.ts';
import { type EpochPlan, isSamePlan } from '../policy/epoch-plan.ts';
import { milliseconds, type BlockHeight, type Milliseconds } from '../units.ts';
import type {
  ChosenLease,
  EpochContext,
  EpochEvent,
  EpochInput,
  EpochOutcome,
  EpochWork,
  LeaseNews,
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
    chooseOffer: notWired<
      ChosenLease,
      { plan: EpochPlan; owner: string; excludedMachineIds: readonly number[]; failures: number }
    >('chooseOffer'),
    countWork: notWired<EpochWork, { plan: EpochPlan }>('countWork'),
  },
  guards: {
    /** The height did not come: the chain halted for longer than the limit. */
    isCeiling: ({ event }) => 'ceiling' in event && event.ceiling,
    rentsNothing: ({ context }) => context.plan.mode === 'off',
    planDiffers: ({ context }, params: { plan: EpochPlan }) => !isSamePlan(context.plan, params.plan),
    hasPocStarted: ({ context }) => context.hasPocStarted,
    isMine: ({ context }, params: LeaseNews) => params.leaseId === context.leaseId,
    isMineAndPocStarted: ({ context }, params: LeaseNews) =>
      params.leaseId === context.leaseId && context.hasPocStarted,
    isMineAndNeedsPerson: ({ context }, params: LeaseNews) =>
      params.leaseId === context.leaseId && params.fault?.class === 'operator',
    isMineInTime: ({ context }, params: LeaseNews) =>
      params.leaseId === context.leaseId && !context.isTooLate,
    holdsOn: ({ context }) => context.plan.holdUntilHeight > context.plan.validationEndHeight,
    hasNoLease: ({ context }) => context.leaseId === null,
    needsPerson: (_, params: { fault: Fault }) => params.fault.class === 'operator',
  },
  delays: {
    /** An empty market or a failed search: prices move within seconds, the lead is short. */
    searchPause: 20_000,
    /** A wrong key or an empty account: asked again only so that a repair is noticed. */
    operatorPause: 120_000,
    countPause: 5_000,
    returnAlarm: 600_000,
  },
  actions: {
    ...writes,
    notePlan: assign({ plan: (_, params: { plan: EpochPlan }) => params.plan }),
    noteChosen: assign({
      leaseId: (_, params: ChosenLease) => params.leaseId,
      rentals: ({ context }) => context.rentals + 1,
    }),
    noteLost: assign({
      leaseId: null,
      failedMachineIds: ({ context }, params: LeaseNews) =>
        params.fault?.class === 'operator'
          ? context.failedMachineIds
          : [...context.failedMachineIds, params.machineId],
      failures: ({ context }, params) => context.failures + (wasNeverRented(params.fault) ? 0 : 1),
      fault: (_, params) => params.fault,
    }),
    noteFault: assign({ fault: (_, params: { fault: Fault }) => params.fault }),
    notePocStarted: assign({ hasPocStarted: true }),
    noteTooLate: assign({ isTooLate: true }),
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

/** The provider refused the create, for a reason that lies in no machine. */
const wasNeverRented = (fault: Fault | null): boolean =>
  fault?.code === 'VAST_OFFER_GONE' || fault?.code === 'VAST_NO_CREDIT' || fault?.code === 'VAST_KEY_REFUSED';

type HeightEvent = Extract<EpochEvent['type'], `HEIGHT.${string}`>;

/** Blocks may come a quarter slower than measured; beyond that and the limit the chain counts as halted. */
const ceiling = (blocks: number, { blockTimeMs, haltLimitMs }: EpochPlan): Milliseconds =>
  milliseconds(1.25 * Math.max(0, blocks) * blockTimeMs + haltLimitMs);

/** Arms one height of the plan, measured from `from` for its wall-clock ceiling. */
export const arm = (
  type: HeightEvent,
  height: (plan: EpochPlan) => BlockHeight,
  from: (plan: EpochPlan) => BlockHeight,
) =>
  ({
    type: 'armHeight',
    params: ({ context: { plan } }: { context: EpochContext }) => ({
      id: type,
      height: height(plan),
      event: { type },
      ceilingMs: ceiling(height(plan) - from(plan), plan),
    }),
  }) as const;
