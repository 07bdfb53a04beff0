import type { EpochParams } from './epoch-schedule.ts';

/** The chains that are played: the generation of PoC, and whether confirmation PoCs come. */
export const chainFlavours = ['v1', 'v1-confirmation', 'v2', 'v2-confirmation'] as const;
export type ChainFlavour = (typeof chainFlavours)[number];

/** `mainnet`: its own numbers. `demo`: the same stages in an epoch of 600 blocks. */
export type ChainScale = 'mainnet' | 'demo';

/** Parameters of confirmation PoC (docs/reference/protocol.md "Confirmation PoC"). */
export interface ConfirmationParams {
  /** Expected number of events in one epoch; 0 = they are switched off. */
  readonly expectedPerEpoch: number;
  /** Below this share of confirmed weight a participant is inactive for the rest of the epoch. */
  readonly alphaThreshold: number;
  /** Blocks around an upgrade without events. */
  readonly upgradeProtectionWindow: number;
  /** Since v0.2.9 the end of the window lies `set_new_validators_delay` and the safety window earlier. */
  readonly hasSafetyWindow: boolean;
}

/** What a flavour says of its chain. */
export interface ChainTerms {
  readonly pocVersion: 1 | 2;
  readonly epoch: EpochParams;
  /** Undefined = this chain's program has no such parameters. */
  readonly confirmation: ConfirmationParams | undefined;
}

const v1: EpochParams = {
  epochLength: 15_391,
  pocStageDuration: 60,
  pocExchangeDuration: 5,
  pocValidationDelay: 5,
  pocValidationDuration: 120,
  setNewValidatorsDelay: 120,
  inferenceValidationCutoff: 20,
  confirmationPocSafetyWindow: 0,
};

const v2: EpochParams = {
  epochLength: 15_391,
  pocStageDuration: 35,
  pocExchangeDuration: 0,
  pocValidationDelay: 5,
  pocValidationDuration: 240,
  setNewValidatorsDelay: 120,
  inferenceValidationCutoff: 2,
  confirmationPocSafetyWindow: 500,
};

/** With mainnet's values the window of confirmation PoCs is empty below 1 302 blocks. */
const shortV2: Partial<EpochParams> = {
  pocValidationDuration: 60,
  setNewValidatorsDelay: 20,
  confirmationPocSafetyWindow: 0,
};

const confirmation = { alphaThreshold: 0.5, upgradeProtectionWindow: 500 };
const demoEpochLength = 600;

/**
 * Stages and parameters of one flavour: v1 as from 2025-12-26 on, v2 as from 2026-04-30 on. The demo's chains draw
 * one confirmation PoC an epoch, as so many fit, mainnet's four.
 */
export function chainTerms(flavour: ChainFlavour, scale: ChainScale): ChainTerms {
  const isShort = scale === 'demo';
  const pocVersion = flavour.startsWith('v2') ? 2 : 1;
  const expectedPerEpoch = !flavour.endsWith('-confirmation') ? 0 : isShort ? 1 : 4;
  const epoch = pocVersion === 1 ? v1 : isShort ? { ...v2, ...shortV2 } : v2;
  return {
    pocVersion,
    epoch: isShort ? { ...epoch, epochLength: demoEpochLength } : epoch,
    confirmation:
      flavour === 'v1' ? undefined : { ...confirmation, expectedPerEpoch, hasSafetyWindow: pocVersion === 2 },
  };
}
