import type { EpochsAnswer } from '../chain/epochs-answer.ts';
import { isSameTarget, type NodeRecord } from './node-record.ts';

/** The node is where it is wanted, and no command is on its way to it. */
export const isAtRest = (node: NodeRecord): boolean =>
  node.inFlight === undefined &&
  !node.isLeaving &&
  node.intended.status !== 'UNKNOWN' &&
  isSameTarget(node.intended, node.current);

/** Every height at which the Network Node does or notes something although all nodes are at rest. */
export function stageHeights({ epoch_stages: stages, next_epoch_stages: next }: EpochsAnswer): number[] {
  const { poc_exchange_window: generated, poc_validation_exchange_window: validated } = stages;
  return [
    stages.poc_start,
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
