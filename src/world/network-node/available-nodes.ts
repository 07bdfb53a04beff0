import type { Block } from '../chain/chain-world.ts';
import { type NodeRecord, isOperational } from './node-record.ts';

/** Nodes that may be given inference requests now, least loaded first (docs/reference/protocol.md "Selection for inference"). */
export function availableNodes(nodes: readonly NodeRecord[], block: Block | undefined): NodeRecord[] {
  if (block === undefined) return [];
  const { latest_epoch: latest, phase } = block.epochs;
  return nodes
    .filter(
      (node) =>
        isServing(node) &&
        node.inFlight === undefined &&
        node.lockCount < node.config.max_concurrent &&
        node.isInEpochGroup &&
        isOperational(node, latest.index, phase === 'Inference'),
    )
    .toSorted((one, other) => one.lockCount - other.lockCount);
}

/** Wanted and found in INFERENCE, or validating PoC v2 and able to serve beside it. */
function isServing({ intended, current, isServingInPoc }: NodeRecord): boolean {
  if (intended.status === 'INFERENCE' && current.status === 'INFERENCE') return true;
  return isServingInPoc && current.status === 'POC' && current.poc === 'VALIDATING';
}

/** Whether the node is in the epoch of that block at all (registered in time, not disabled). */
export function isOperationalAt(node: NodeRecord, block: Block | undefined): boolean {
  if (block === undefined) return false;
  const { latest_epoch: latest, phase } = block.epochs;
  return isOperational(node, latest.index, phase === 'Inference');
}
