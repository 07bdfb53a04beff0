import type { Fault } from '../errors.ts';
import type { EpochPlan } from '../policy/epoch-plan.ts';
import type { Opening } from './writes.ts';

export type EpochOutcome = 'completed' | 'missed' | 'skipped' | 'failed';

/** What the Network Node took of this PoC, by our own outbox. */
export interface EpochWork {
  readonly noncesDelivered: number;
  readonly validationsDelivered: number;
  readonly callbacksUndeliverable: number;
}

export interface EpochInput {
  readonly plan: EpochPlan;
}

export interface EpochContext {
  readonly plan: EpochPlan;
  /** The machine that this PoC counts on. */
  readonly leaseId: string | null;
  /** Machines that failed for this PoC; they are not asked again. */
  readonly failedMachineIds: readonly number[];
  readonly rentals: number;
  /** Machines that were rented for this PoC and failed; an offer that somebody else took is none. */
  readonly failures: number;
  readonly hasPocStarted: boolean;
  /** The Network Node starts no node any more. */
  readonly isTooLate: boolean;
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

export type EpochEvent =
  | { readonly type: 'PLAN.CHANGED'; readonly plan: EpochPlan }
  | Height<'APPROACH'>
  | Height<'RENT'>
  | Height<'POC_START'>
  | Height<'TOO_LATE'>
  | Height<'GENERATION_END'>
  | Height<'VALIDATION_END'>
  | Height<'HOLD_END'>
  | ({ readonly type: 'LEASE.READY' } & LeaseNews)
  | ({ readonly type: 'LEASE.ENDED' } & LeaseNews)
  | ({ readonly type: 'LEASE.GONE' } & LeaseNews);

/** What `chooseOffer` decides: the row to open, input included, so that a replay opens the same one. */
export interface ChosenLease {
  readonly leaseId: string;
  readonly opening: Opening;
}
