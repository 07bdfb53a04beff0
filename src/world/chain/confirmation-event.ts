import type { ConfirmationParams } from './flavour.ts';
import type { EpochParams, EpochStagesAnswer } from './epoch-schedule.ts';

/** One confirmation PoC; absolute heights, the ends belong to it (docs/reference/protocol.md "Confirmation PoC"). */
export interface ConfirmationEvent {
  readonly epochIndex: number;
  /** 0 for the first one of the epoch. */
  readonly sequence: number;
  readonly triggerHeight: number;
  readonly generationStartHeight: number;
  readonly generationEndHeight: number;
  readonly exchangeEndHeight: number;
  readonly validationStartHeight: number;
  readonly validationEndHeight: number;
}

export type ConfirmationPhase = 'GRACE_PERIOD' | 'GENERATION' | 'VALIDATION' | 'COMPLETED';

/** How the classic answer shows a phase; the name is `CONFIRMATION_POC_` and ours. */
export const confirmationPhaseNumbers: Readonly<Record<ConfirmationPhase, number>> = {
  GRACE_PERIOD: 1,
  GENERATION: 2,
  VALIDATION: 3,
  COMPLETED: 4,
};

export function confirmationEvent(
  drawn: Pick<ConfirmationEvent, 'epochIndex' | 'sequence' | 'triggerHeight'>,
  params: EpochParams,
): ConfirmationEvent {
  const generationStartHeight = drawn.triggerHeight + Math.max(1, params.inferenceValidationCutoff);
  const generationEndHeight = generationStartHeight + params.pocStageDuration - 1;
  const exchangeEndHeight = generationEndHeight + params.pocExchangeDuration;
  const validationStartHeight = exchangeEndHeight + params.pocValidationDelay;
  const validationEndHeight = validationStartHeight + params.pocValidationDuration - 1;
  return {
    ...drawn,
    generationStartHeight,
    generationEndHeight,
    exchangeEndHeight,
    validationStartHeight,
    validationEndHeight,
  };
}

/** Undefined before the trigger and after the one block that says COMPLETED. */
export function confirmationPhaseAt(height: number, event: ConfirmationEvent): ConfirmationPhase | undefined {
  if (height < event.triggerHeight || height > event.validationEndHeight + 1) return undefined;
  if (height < event.generationStartHeight) return 'GRACE_PERIOD';
  if (height < event.validationStartHeight) return 'GENERATION';
  return height <= event.validationEndHeight ? 'VALIDATION' : 'COMPLETED';
}

/** Heights of one epoch at which an event may be triggered, both included; empty when `end` lies before `start`. */
export function triggerWindow(
  stages: EpochStagesAnswer,
  params: EpochParams,
  { hasSafetyWindow }: ConfirmationParams,
): { readonly start: number; readonly end: number } {
  const safety = hasSafetyWindow
    ? params.setNewValidatorsDelay + (params.confirmationPocSafetyWindow ?? 0)
    : 0;
  const duration =
    params.pocStageDuration +
    params.pocExchangeDuration +
    params.pocValidationDelay +
    params.pocValidationDuration;
  return {
    start: stages.set_new_validators,
    end: stages.next_poc_start - params.inferenceValidationCutoff - duration - safety,
  };
}
