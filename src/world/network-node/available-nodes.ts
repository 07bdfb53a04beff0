import type { Block } from '../chain/chain-world.ts';
import { type NodeRecord, isOperational } from './node-record.ts';

/** Nodes that may be given inference requests now, least loaded first (docs/reference/protocol.md "Selection for inference"). */
export function availableNodes(nodes: readonly NodeRecord[], block: Block | undefined): NodeRecord[] {
  if (block === undefined) return [];
  const { latest_epoch: latest, phase } = block.epochs;
  return nodes
    .filter(
      (node) =>
        node.intended.status === 'INFERENCE' &&
        node.current.status === 'INFERENCE' &&
        node.inFlight === undefined &&
        node.lockCount < node.config.max_concurrent &&
        node.isInEpochGroup &&
        isOperational(node, latest.index, phase === 'Inference'),
    )
    .toSorted((one, other) => one.lockCount - other.lockCount);
}
