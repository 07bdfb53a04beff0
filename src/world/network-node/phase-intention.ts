import type { Block } from '../chain/chain-world.ts';
import type { Intention } from './broker.ts';

/** In phase Inference the intention is renewed every 5 blocks. */
const renewalBlocks = 5;

/**
 * What a new block makes the Network Node want of its nodes, if anything: in the wind-downs nothing new starts
 * (docs/reference/protocol.md "Commands by phase"). `isActive`: the participant is called for confirmation PoCs.
 */
export function intentionAt(block: Block, renewedAtHeight: number, isActive: boolean): Intention | undefined {
  const { height, epochs } = block;
  const { poc_generation_end: generationEnd, poc_validation_end: validationEnd } = epochs.epoch_stages;
  if (epochs.phase === 'PoCGenerate') return 'startPoc';
  if (epochs.phase === 'PoCValidate') return 'initValidate';
  if (epochs.phase === 'PoCGenerateWindDown') return height === generationEnd ? 'initValidate' : undefined;
  if (epochs.phase !== 'Inference') return undefined;
  const inConfirmation = isActive ? confirmationIntention(block) : undefined;
  if (inConfirmation !== undefined) return inConfirmation === 'none' ? undefined : inConfirmation;
  const isDue = height === validationEnd || height - renewedAtHeight >= renewalBlocks;
  return isDue ? 'inferenceUp' : undefined;
}

/** Within a confirmation PoC; undefined = it asks for nothing else than inference. */
function confirmationIntention({ height, confirmation }: Block): Intention | 'none' | undefined {
  if (confirmation === undefined) return undefined;
  const { event, phase } = confirmation;
  if (phase === 'GENERATION' && height === event.exchangeEndHeight) return 'initValidate';
  if (phase === 'GENERATION') return height <= event.generationEndHeight ? 'startPoc' : 'none';
  if (phase === 'VALIDATION') return 'initValidate';
  return phase === 'COMPLETED' ? 'inferenceUp' : undefined;
}
