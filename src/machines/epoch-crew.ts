import { assign, enqueueActions } from 'xstate';
import {
  type ChosenLease,
  type CrewGiven,
  type CrewMember,
  type CrewWanted,
  type EpochContext,
  type EpochEvent,
  type LeaseNews,
  readyCount,
  wantsMore,
} from './epoch-context.ts';
import type { Telling } from './writes.ts';

type Args = { readonly context: EpochContext };

const isMine = ({ context }: Args, params: LeaseNews): boolean =>
  context.crew.some(({ leaseId }) => leaseId === params.leaseId);

/** Questions about the machines of one PoC. */
export const crewGuards = {
  isMine,
  isMineAndNeedsPerson: (args: Args, params: LeaseNews) =>
    isMine(args, params) && params.fault?.class === 'operator',
  /** The others can go on without it. */
  isMineAndOthersServe: (args: Args, params: LeaseNews) =>
    isMine(args, params) &&
    args.context.crew.some(({ leaseId, isReady }) => isReady && leaseId !== params.leaseId),
  isMineAndHoldsOn: (args: Args, params: LeaseNews) =>
    isMine(args, params) && args.context.plan.holdUntilHeight > args.context.plan.validationEndHeight,
  hasCrew: ({ context }: Args) => context.crew.length > 0,
  hasNoCrew: ({ context }: Args) => context.crew.length === 0,
  isStaffed: ({ context }: Args) => readyCount(context) >= context.plan.width,
  isShort: ({ context }: Args) => readyCount(context) < context.plan.width,
  canServe: ({ context }: Args) => context.hasPocStarted && readyCount(context) > 0,
  canGenerate: ({ context }: Args) => !context.hasGenerationEnded && readyCount(context) > 0,
  canValidate: ({ context }: Args) => !context.hasValidationEnded && readyCount(context) > 0,
  canHold: ({ context }: Args) => context.hasValidationEnded && readyCount(context) >= context.plan.width,
  wantsMore: ({ context }: Args) => wantsMore(context),
};

const without = (crew: readonly CrewMember[], gone: string): readonly CrewMember[] =>
  crew.filter(({ leaseId }) => leaseId !== gone);

/**
 * Beyond the width: the machines that have been ready longest stay. Those on their way stay while a place is open that
 * they can still fill: in a sprint until it is too late, in epoch policy at any time.
 */
function surplusOf({ crew, plan, isTooLate }: EpochContext): readonly CrewMember[] {
  const kept = crew.filter(({ isReady }) => isReady).slice(0, plan.width);
  const isOpen = kept.length < plan.width && (!isTooLate || plan.holdUntilHeight > plan.validationEndHeight);
  return crew.filter((member) => !kept.includes(member) && (member.isReady || !isOpen));
}

/** One `tell` for each of several rows. */
const tellEach = <Params>(tellings: (context: EpochContext, params: Params) => readonly Telling[]) =>
  enqueueActions<EpochContext, EpochEvent, Params, EpochEvent, never, never, never, never, never>(
    ({ context, enqueue }, params) => {
      for (const telling of tellings(context, params)) enqueue({ type: 'tell', params: telling } as never);
    },
  );

const releaseAsked = ({ plan }: EpochContext, { leaseId }: CrewMember, why: string): Telling => ({
  to: `lease:${leaseId}`,
  event: { type: 'LEASE.RELEASE_ASKED', reason: `PoC ${plan.epochIndex} ${why}` },
});

/** What happens to the machines of one PoC. */
export const crewActions = {
  noteChosen: assign<EpochContext, EpochEvent, ChosenLease, EpochEvent, never>({
    crew: ({ context }, { leaseId, machineId }) => [...context.crew, { leaseId, machineId, isReady: false }],
    rentals: ({ context }) => context.rentals + 1,
  }),
  noteReady: assign<EpochContext, EpochEvent, LeaseNews, EpochEvent, never>({
    crew: ({ context }, { leaseId }) =>
      context.crew.map((member) => (member.leaseId === leaseId ? { ...member, isReady: true } : member)),
  }),
  noteLost: assign<EpochContext, EpochEvent, LeaseNews, EpochEvent, never>({
    crew: ({ context }, { leaseId }) => without(context.crew, leaseId),
    failedMachineIds: ({ context }, { fault, machineId }) =>
      fault?.class === 'operator' ? context.failedMachineIds : [...context.failedMachineIds, machineId],
    failures: ({ context }, { fault }) => context.failures + (wasNeverRented(fault) ? 0 : 1),
    fault: (_, { fault }) => fault,
  }),
  dropMember: assign<EpochContext, EpochEvent, LeaseNews, EpochEvent, never>({
    crew: ({ context }, { leaseId }) => without(context.crew, leaseId),
  }),
  tellSurplus: tellEach<undefined>((context) =>
    surplusOf(context).map((member) => releaseAsked(context, member, 'has its machines')),
  ),
  dropSurplus: assign<EpochContext, EpochEvent, undefined, EpochEvent, never>({
    crew: ({ context }) => {
      const surplus = surplusOf(context);
      return context.crew.filter((member) => !surplus.includes(member));
    },
  }),
  tellWork: tellEach<undefined>(({ crew }) =>
    crew
      .filter(({ isReady }) => isReady)
      .map(({ leaseId }) => ({ to: `lease:${leaseId}`, event: { type: 'LEASE.WORK_STARTED' } })),
  ),
  tellRelease: tellEach<undefined>((context) =>
    context.crew.map((member) => releaseAsked(context, member, 'is over')),
  ),
  /** To the row of the next PoC and to each lease that it takes over. */
  tellHandOver: tellEach<CrewWanted>(({ crew }, { to, leases }) => {
    const given = crew.filter((member) => leases.some(({ leaseId }) => leaseId === member.leaseId));
    return [
      ...leases
        .filter(({ leaseId }) => given.some((member) => member.leaseId === leaseId))
        .map(({ leaseId, reserved }) => ({
          to: `lease:${leaseId}`,
          event: { type: 'LEASE.HANDED_OVER', owner: to, reserved },
        })),
      { to, event: { type: 'CREW.GIVEN', members: given } },
    ];
  }),
  dropHandedOver: assign<EpochContext, EpochEvent, CrewWanted, EpochEvent, never>({
    crew: ({ context }, { leases }) =>
      context.crew.filter((member) => !leases.some(({ leaseId }) => leaseId === member.leaseId)),
  }),
  noteGiven: assign<EpochContext, EpochEvent, CrewGiven, EpochEvent, never>({
    crew: ({ context }, { members }) => [
      ...members.filter(({ leaseId }) => !context.crew.some((member) => member.leaseId === leaseId)),
      ...context.crew,
    ],
  }),
};

/** The provider refused the create, for a reason that lies in no machine. */
const wasNeverRented = (fault: LeaseNews['fault']): boolean =>
  fault?.code === 'VAST_OFFER_GONE' || fault?.code === 'VAST_NO_CREDIT' || fault?.code === 'VAST_KEY_REFUSED';
