/** Parameters of the chain that shape an epoch; all are block counts (docs/reference/protocol.md "Epoch arithmetic"). */
export interface EpochParams {
  readonly epochLength: number;
  readonly pocStageDuration: number;
  readonly pocExchangeDuration: number;
  readonly pocValidationDelay: number;
  readonly pocValidationDuration: number;
  readonly setNewValidatorsDelay: number;
  readonly inferenceValidationCutoff: number;
  /** Blocks before the next PoC without a confirmation PoC. Default 0: the parameter is there since v0.2.11. */
  readonly confirmationPocSafetyWindow?: number;
}

/** PoC v1 stages as on mainnet from 2025-12-26 on, with the epoch shortened for the sandbox (mainnet: 15391). */
export const demoEpochParams: EpochParams = {
  epochLength: 600,
  pocStageDuration: 60,
  pocExchangeDuration: 5,
  pocValidationDelay: 5,
  pocValidationDuration: 120,
  setNewValidatorsDelay: 120,
  inferenceValidationCutoff: 20,
};

export type EpochPhase =
  | 'PoCGenerate'
  | 'PoCGenerateWindDown'
  | 'PoCValidate'
  | 'PoCValidateWindDown'
  | 'Inference';

/** The stages of one epoch under the names that `epochs/latest` gives them; absolute heights. */
export interface EpochStagesAnswer {
  readonly epoch_index: number;
  readonly poc_start: number;
  readonly poc_generation_wind_down: number;
  readonly poc_generation_end: number;
  readonly poc_validation_start: number;
  readonly poc_validation_wind_down: number;
  readonly poc_validation_end: number;
  readonly set_new_validators: number;
  readonly claim_money: number;
  readonly inference_validation_cutoff: number;
  readonly next_poc_start: number;
  readonly poc_exchange_window: { readonly start: number; readonly end: number };
  readonly poc_validation_exchange_window: { readonly start: number; readonly end: number };
}

/** All stages of the epoch whose PoC starts at `pocStart`. */
export function stagesOf(epochIndex: number, pocStart: number, params: EpochParams): EpochStagesAnswer {
  const generationEnd = pocStart + params.pocStageDuration;
  const validationStart = generationEnd + params.pocValidationDelay;
  const validationEnd = validationStart + params.pocValidationDuration;
  const setNewValidators = validationEnd + params.setNewValidatorsDelay;
  const nextPocStart = pocStart + params.epochLength;
  return {
    epoch_index: epochIndex,
    poc_start: pocStart,
    poc_generation_wind_down: pocStart + fourFifths(params.pocStageDuration),
    poc_generation_end: generationEnd,
    poc_validation_start: validationStart,
    poc_validation_wind_down: validationStart + fourFifths(params.pocValidationDuration),
    poc_validation_end: validationEnd,
    set_new_validators: setNewValidators,
    claim_money: setNewValidators + 1,
    inference_validation_cutoff: nextPocStart - params.inferenceValidationCutoff,
    next_poc_start: nextPocStart,
    poc_exchange_window: { start: pocStart + 1, end: generationEnd + params.pocExchangeDuration },
    poc_validation_exchange_window: { start: validationStart + 1, end: validationEnd },
  };
}

/** Epoch 0 has no PoC. */
export function phaseAt(height: number, stages: EpochStagesAnswer): EpochPhase {
  if (stages.epoch_index === 0 || height < stages.poc_start) return 'Inference';
  if (height < stages.poc_generation_wind_down) return 'PoCGenerate';
  if (height < stages.poc_validation_start) return 'PoCGenerateWindDown';
  if (height < stages.poc_validation_wind_down) return 'PoCValidate';
  if (height < stages.poc_validation_end) return 'PoCValidateWindDown';
  return 'Inference';
}

/** The chain truncates to an integer, by floating point as here. */
function fourFifths(blocks: number): number {
  return Math.trunc(0.8 * blocks);
}
