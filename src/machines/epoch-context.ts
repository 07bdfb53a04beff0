import type { Fault } from '../errors.ts';
import type { EpochPlan } from '../policy/epoch-plan.ts';
import type { MicroUsd } from '../units.ts';
import type { Opening } from './writes.ts';

export type EpochOutcome = 'completed' | 'missed' | 'skipped' | 'failed';

/** What the Network Node took of this PoC, by our own outbox. */
export interface EpochWork {
  readonly noncesDelivered: number;
  readonly validationsDelivered: number;
  readonly callbacksUndeliverable: number;
}

/** A lease that this PoC counts on, or hopes for. */
export interface CrewMember {
  readonly leaseId: string;
  readonly machineId: number;
  readonly isReady: boolean;
}

export interface EpochInput {
  readonly plan: EpochPlan;
}

export interface EpochContext {
  readonly plan: EpochPlan;
  /** Oldest first. Never more than `plan.crewMax`, what the row before hands over aside. */
  readonly crew: readonly CrewMember[];
  /** Launch heights that have passed: so many machines may boot at once for each open place. */
  readonly stage: number;
  /** Machines that failed for this PoC; they are asked again only where nothing else is left. */
  readonly failedMachineIds: readonly number[];
  readonly rentals: number;
  /** Machines that were rented for this PoC and failed; an offer that somebody else took is none. */
  readonly failures: number;
  readonly hasPocStarted: boolean;
  /** The Network Node starts no node any more. */
  readonly isTooLate: boolean;
  readonly hasGenerationEnded: boolean;
  readonly hasValidationEnded: boolean;
  readonly outcome: EpochOutcome | null;
  readonly work: EpochWork | null;
  readonly fault: Fault | null;
}

export type LeaseNews = {
  readonly leaseId: string;
  readonly machineId: number;
  readonly fault: Fault | null;
  readonly reason: string | null;
};

/** A height of the plan was reached; or, with `ceiling`, its wall-clock limit ran out first. */
type Height<Name extends string> = { readonly type: `HEIGHT.${Name}`; readonly ceiling?: true };

/** A kept lease with what it may cost at most from its begin to the end of its new hold. */
export interface WantedLease {
  readonly leaseId: string;
  readonly reserved: MicroUsd;
}

export type CrewWanted = { readonly to: string; readonly leases: readonly WantedLease[] };
export type CrewGiven = { readonly members: readonly CrewMember[] };

export type EpochEvent =
  | { readonly type: 'PLAN.CHANGED'; readonly plan: EpochPlan }
  | Height<'APPROACH'>
  | Height<'RENT'>
  | Height<'LAUNCH'>
  | Height<'POC_START'>
  | Height<'TOO_LATE'>
  | Height<'GENERATION_END'>
  | Height<'VALIDATION_END'>
  | Height<'HOLD_END'>
  | ({ readonly type: 'LEASE.READY' } & LeaseNews)
  | ({ readonly type: 'LEASE.ENDED' } & LeaseNews)
  | ({ readonly type: 'LEASE.GONE' } & LeaseNews)
  /** The row of the next PoC takes over what this one holds. */
  | ({ readonly type: 'CREW.WANTED' } & CrewWanted)
  /** The row before has handed over. */
  | ({ readonly type: 'CREW.GIVEN' } & CrewGiven);

/** What `chooseOffer` decides: the row to open, input included, so that a replay opens the same one. */
export interface ChosenLease {
  readonly leaseId: string;
  readonly machineId: number;
  readonly opening: Opening;
}

/** What `chooseOffer` is asked. */
export interface ChoiceInput {
  readonly plan: EpochPlan;
  readonly owner: string;
  /** Machines of the crew: no second slice of the same one. */
  readonly crewMachineIds: readonly number[];
  /** Machines that failed for this PoC: only where nothing else is left. */
  readonly failedMachineIds: readonly number[];
  readonly failures: number;
  /** Live leases of this row. */
  readonly crewSize: number;
  /** Launch heights that have passed. */
  readonly stage: number;
  /** A machine was lost after `poc_start`: the sooner another is there the better. */
  readonly isReplacement: boolean;
}

/** What `findKeptCrew` found: leases of the row before that fit the new plan, within the caps. */
export interface KeptCrew {
  /** The row that holds them; null = none. */
  readonly from: string | null;
  readonly leases: readonly WantedLease[];
}

export const readyCount = ({ crew }: Pick<EpochContext, 'crew'>): number =>
  crew.filter(({ isReady }) => isReady).length;

/** A further machine is to be rented: for each open place so many may boot as launch heights have passed. */
export function wantsMore({ crew, plan, stage }: Pick<EpochContext, 'crew' | 'plan' | 'stage'>): boolean {
  const ready = readyCount({ crew });
  const booting = crew.length - ready;
  return crew.length < plan.crewMax && booting < (plan.width - ready) * Math.max(1, stage);
}
