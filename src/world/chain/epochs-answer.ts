import type { EpochParams, EpochPhase, EpochStagesAnswer } from './epoch-schedule.ts';

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
}

export function epochsAnswer(view: {
  height: number;
  phase: EpochPhase;
  current: EpochStagesAnswer;
  next: EpochStagesAnswer;
  params: EpochParams;
  shape: AnswerShape;
}): EpochsAnswer {
  const params = paramsAnswer(view.params);
  return {
    block_height: view.height,
    latest_epoch: { index: view.current.epoch_index, poc_start_block_height: view.current.poc_start },
    phase: view.phase,
    epoch_stages: view.current,
    next_epoch_stages: view.next,
    epoch_params: view.shape === 'flat' ? params : { epoch_params: withStrings(params) },
    is_confirmation_poc_active: false,
  };
}

/** Zero-valued fields are absent, as protobuf's JSON leaves them out. */
function paramsAnswer(params: EpochParams): Record<string, unknown> {
  const fields = {
    epoch_length: params.epochLength,
    epoch_multiplier: 1,
    epoch_shift: 16_980,
    default_unit_of_compute_price: 100,
    poc_stage_duration: params.pocStageDuration,
    poc_exchange_duration: params.pocExchangeDuration,
    poc_validation_delay: params.pocValidationDelay,
    poc_validation_duration: params.pocValidationDuration,
    set_new_validators_delay: params.setNewValidatorsDelay,
    inference_validation_cutoff: params.inferenceValidationCutoff,
    inference_pruning_epoch_threshold: 2,
    inference_pruning_max: 5_000,
    poc_pruning_max: 1_000,
    poc_slot_allocation: { value: 1, exponent: -1 },
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== 0));
}

function withStrings(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const asText = ([name, field]: [string, unknown]): [string, unknown] => {
    if (typeof field === 'number') return [name, String(field)];
    return [name, typeof field === 'object' && field !== null ? withStrings({ ...field }) : field];
  };
  return Object.fromEntries(Object.entries(value).map(asText));
}
