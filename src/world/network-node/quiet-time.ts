import type { Block } from '../chain/chain-world.ts';
import type { ConfirmationEvent } from '../chain/confirmation-event.ts';
import { isSameTarget, type NodeRecord } from './node-record.ts';

/** The node is where it is wanted, and no command is on its way to it. */
export const isAtRest = (node: NodeRecord): boolean =>
  node.inFlight === undefined &&
  !node.isLeaving &&
  node.intended.status !== 'UNKNOWN' &&
  isSameTarget(node.intended, node.current);

/** Every height at which the Network Node does or notes something although all nodes are at rest. */
export function stageHeights({ epochs, confirmation }: Block): number[] {
  const { epoch_stages: stages, next_epoch_stages: next } = epochs;
  const { poc_exchange_window: generated, poc_validation_exchange_window: validated } = stages;
  return [
    ...(confirmation === undefined ? [] : confirmationHeights(confirmation.event)),
    stages.poc_start,
    stages.poc_start + Math.round((stages.poc_generation_end - stages.poc_start) / 3),
    generated.start,
    stages.poc_generation_wind_down,
    stages.poc_generation_end,
    generated.end,
    generated.end + 1,
    stages.poc_validation_start,
    validated.start,
    stages.poc_validation_wind_down,
    stages.poc_validation_end,
    validated.end + 1,
    stages.set_new_validators,
    next.poc_start,
  ];
}

const confirmationHeights = (event: ConfirmationEvent): number[] => {
  const { generationStartHeight: start, generationEndHeight: end } = event;
  return [
    start,
    start + Math.round((end + 1 - start) / 3),
    end,
    event.exchangeEndHeight,
    event.exchangeEndHeight + 1,
    event.validationStartHeight,
    event.validationEndHeight,
    event.validationEndHeight + 1,
    event.validationEndHeight + 2,
  ];
};
