import type { EpochParams } from './epoch-schedule.ts';
import type { ChainTerms, ConfirmationParams } from './flavour.ts';

/** A model of governance as the chain's list has it. */
export interface GovernanceModel {
  readonly id: string;
  readonly args: readonly string[];
}

/** `epoch_params` with the chain's own names (docs/reference/protocol.md "Epochs endpoint"). */
export function epochParamsAnswer(params: EpochParams): Record<string, unknown> {
  return {
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
    poc_slot_allocation: decimal(0.1),
    confirmation_poc_safety_window: params.confirmationPocSafetyWindow ?? 0,
  };
}

/**
 * `GET …/inference/inference/params` of the Cosmos REST API: integers of 64 bits as strings, zeros written out. A
 * program without confirmation PoC has no parameters of it.
 */
export function inferenceParamsAnswer(view: {
  epoch: EpochParams;
  confirmation: ConfirmationParams | undefined;
  pocVersion: ChainTerms['pocVersion'];
  models: readonly GovernanceModel[];
}): Record<string, unknown> {
  const { confirmation } = view;
  return {
    params: {
      epoch_params: withStrings(epochParamsAnswer(view.epoch)),
      poc_params: view.pocVersion === 1 ? pocV1Params : pocV2Params(view.models),
      ...(confirmation === undefined ? {} : { confirmation_poc_params: confirmationAnswer(confirmation) }),
    },
  };
}

/** `GET /v1/governance/models`. */
export const governanceModelsAnswer = (models: readonly GovernanceModel[]): Record<string, unknown> => ({
  models: models.map(({ id, args }) => ({ id, hf_repo: id, model_args: args })),
});

export function withStrings(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const asText = ([name, field]: [string, unknown]): [string, unknown] => {
    if (typeof field === 'number') return [name, String(field)];
    return [name, isPlainObject(field) ? withStrings({ ...field }) : field];
  };
  return Object.fromEntries(Object.entries(value).map(asText));
}

const confirmationAnswer = (params: ConfirmationParams): Record<string, unknown> => ({
  expected_confirmations_per_epoch: String(params.expectedPerEpoch),
  alpha_threshold: withStrings(decimal(params.alphaThreshold)),
  slash_fraction: { value: '0', exponent: 0 },
  upgrade_protection_window: String(params.upgradeProtectionWindow),
});

const pocV1Params = {
  validation_sample_size: '200',
  weight_scale_factor: { value: '25', exponent: -1 },
  model_params: { dim: 1_792, n_layers: 64, seq_len: 256, r_target: { value: '1398077', exponent: -6 } },
};

const pocV2Params = (models: readonly GovernanceModel[]): Record<string, unknown> => ({
  validation_sample_size: '200',
  validation_slots: '0',
  poc_normalization_enabled: true,
  poc_stronger_rng_enabled: false,
  models: models.map(({ id }) => ({
    model_id: id,
    seq_len: '1024',
    stat_test: {
      dist_threshold: { value: '4', exponent: -1 },
      p_mismatch: { value: '1', exponent: -1 },
      p_value_threshold: { value: '5', exponent: -2 },
    },
    weight_scale_factor: { value: '3024', exponent: -4 },
  })),
});

/** A decimal of the chain's own kind: value · 10^exponent. */
function decimal(value: number): { value: number; exponent: number } {
  let exponent = 0;
  while (!Number.isInteger(Math.round(value * 10 ** -exponent * 1e6) / 1e6)) exponent -= 1;
  return { value: Math.round(value * 10 ** -exponent), exponent };
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
