import type { EpochStagesAnswer } from '../chain/epoch-schedule.ts';
import type { RunningConfirmation } from '../chain/epochs-answer.ts';

/** Heights, both included. */
export interface HeightSpan {
  readonly start: number;
  readonly end: number;
}

/** Where one PoC lies on the chain, a regular or a confirmation one. */
export interface PocSpan {
  readonly kind: 'regular' | 'confirmation';
  readonly epochIndex: number;
  /** 0 for the first confirmation PoC of its epoch. */
  readonly sequence: number;
  /** `poc_start` of the epoch. */
  readonly pocStartHeight: number;
  /** `block_height` of every message about it: `poc_start`, or the height of the trigger. */
  readonly stageHeight: number;
  readonly blockHash: string;
  /** When callbacks of each kind are taken. */
  readonly generated: HeightSpan;
  readonly validated: HeightSpan;
  /** When other validators look at the first commits (PoC v2). */
  readonly earlyHeight: number;
  /** Share of the generation that has passed by then. */
  readonly earlyShare: number;
  readonly validationStartHeight: number;
  /** From this height on it is over. */
  readonly endHeight: number;
}

/**
 * The regular PoC. v1: transactions are taken in the exchange windows. v2: callbacks are taken while the phase or the
 * exchange window lasts, which begins a block earlier (docs/reference/protocol.md "Callback server").
 */
export function regularSpan(stages: EpochStagesAnswer, blockHash: string, pocVersion: 1 | 2): PocSpan {
  const { poc_exchange_window: generated, poc_validation_exchange_window: validated } = stages;
  const validationStart = stages.poc_validation_start;
  const validationEnd = stages.poc_validation_end;
  return {
    kind: 'regular',
    epochIndex: stages.epoch_index,
    sequence: 0,
    pocStartHeight: stages.poc_start,
    stageHeight: stages.poc_start,
    blockHash,
    generated: pocVersion === 1 ? generated : { start: stages.poc_start, end: generated.end },
    validated: pocVersion === 1 ? validated : { start: validationStart, end: validationEnd - 1 },
    ...early(stages.poc_start, stages.poc_generation_end - stages.poc_start),
    validationStartHeight: validationStart,
    endHeight: validationEnd,
  };
}

/** A confirmation PoC from its generation start on, when its hash is known. */
export function confirmationSpan(
  { event, seedHash }: RunningConfirmation,
  stages: EpochStagesAnswer,
): PocSpan {
  const { generationStartHeight: start, generationEndHeight, validationStartHeight } = event;
  return {
    kind: 'confirmation',
    epochIndex: event.epochIndex,
    sequence: event.sequence,
    pocStartHeight: stages.poc_start,
    stageHeight: event.triggerHeight,
    blockHash: seedHash,
    generated: { start, end: event.exchangeEndHeight },
    validated: { start: validationStartHeight, end: event.validationEndHeight },
    ...early(start, generationEndHeight + 1 - start),
    validationStartHeight,
    endHeight: event.validationEndHeight + 1,
  };
}

/** After a third of the generation, rounded to a block. */
function early(start: number, blocks: number): Pick<PocSpan, 'earlyHeight' | 'earlyShare'> {
  const earlyBlocks = Math.round(blocks / 3);
  return { earlyHeight: start + earlyBlocks, earlyShare: earlyBlocks / Math.max(1, blocks) };
}
