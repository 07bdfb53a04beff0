import {
  type ConfirmationEvent,
  type ConfirmationPhase,
  confirmationPhaseNumbers,
} from './confirmation-event.ts';
import type { EpochParams, EpochPhase, EpochStagesAnswer } from './epoch-schedule.ts';
import { epochParamsAnswer, withStrings } from './params-answer.ts';

/** `flat` is the classic shape; `nested` the one of v0.2.15, which occurs beside it on other hosts. */
export type AnswerShape = 'flat' | 'nested';

/** Body of `GET /v1/epochs/latest` (docs/reference/protocol.md "Epochs endpoint"). */
export interface EpochsAnswer {
  readonly block_height: number;
  readonly latest_epoch: { readonly index: number; readonly poc_start_block_height: number };
  readonly phase: EpochPhase;
  readonly epoch_stages: EpochStagesAnswer;
  readonly next_epoch_stages: EpochStagesAnswer;
  readonly epoch_params: Readonly<Record<string, unknown>>;
  readonly is_confirmation_poc_active: boolean;
  /** Absent when none runs. */
  readonly active_confirmation_poc_event?: Readonly<Record<string, unknown>>;
}

/** The confirmation PoC that runs, in its phase. */
export interface RunningConfirmation {
  readonly event: ConfirmationEvent;
  readonly phase: ConfirmationPhase;
  /** Hash of the block at which generation began; empty before. */
  readonly seedHash: string;
}

export function epochsAnswer(view: {
  height: number;
  phase: EpochPhase;
  current: EpochStagesAnswer;
  next: EpochStagesAnswer;
  params: EpochParams;
  shape: AnswerShape;
  confirmation: RunningConfirmation | undefined;
}): EpochsAnswer {
  const isFlat = view.shape === 'flat';
  const params = withoutZeros(epochParamsAnswer(view.params));
  const event = view.confirmation && eventAnswer(view.confirmation, isFlat);
  return {
    block_height: view.height,
    latest_epoch: { index: view.current.epoch_index, poc_start_block_height: view.current.poc_start },
    phase: view.phase,
    epoch_stages: view.current,
    next_epoch_stages: view.next,
    epoch_params: isFlat ? params : { epoch_params: withStrings(params) },
    is_confirmation_poc_active: event !== undefined,
    ...(event === undefined ? {} : { active_confirmation_poc_event: event }),
  };
}

/** The classic shape has the phase as a number, that of v0.2.15 as its name. */
function eventAnswer(
  { event, phase, seedHash }: RunningConfirmation,
  isFlat: boolean,
): Record<string, unknown> {
  const fields = withoutZeros({
    epoch_index: event.epochIndex,
    event_sequence: event.sequence,
    trigger_height: event.triggerHeight,
    generation_start_height: event.generationStartHeight,
    phase: confirmationPhaseNumbers[phase],
    poc_seed_block_hash: seedHash,
  });
  return isFlat ? fields : { ...withStrings(fields), phase: `CONFIRMATION_POC_${phase}` };
}

/** Zero-valued fields are absent, as protobuf's JSON leaves them out. */
const withoutZeros = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== 0 && value !== ''));
