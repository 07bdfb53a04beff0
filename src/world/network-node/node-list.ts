import { type NodeRecord, statusNumbers } from './node-record.ts';

/** How Go writes a time that was never set. */
const zeroTime = '0001-01-01T00:00:00Z';

/** One row of `GET /admin/v1/nodes` (docs/reference/protocol.md "Node list"). */
export function nodeRow(node: NodeRecord, pocWeight: number): Record<string, unknown> {
  const { config, intended, current, inFlight } = node;
  const models = node.isInEpochGroup ? Object.keys(config.models) : [];
  return {
    node: { ...config, node_num: node.nodeNum },
    state: {
      intended_status: intended.status,
      current_status: current.status,
      ...(inFlight === undefined
        ? {}
        : {
            reconcile_info: {
              status: statusNumbers[inFlight.target.status],
              poc_status: inFlight.target.poc,
            },
          }),
      poc_intended_status: intended.poc,
      poc_current_status: current.poc,
      lock_count: node.lockCount,
      failure_reason: node.failureReason,
      status_timestamp: node.statusAtMs === 0 ? zeroTime : new Date(node.statusAtMs).toISOString(),
      admin_state: node.adminState,
      epoch_models: Object.fromEntries(models.map((model) => [model, { id: model }])),
      epoch_ml_nodes: Object.fromEntries(models.map((model) => [model, epochNode(node, pocWeight)])),
      preserved_models: {},
    },
  };
}

/** Zero-valued fields of the chain's record are left out. */
function epochNode(node: NodeRecord, pocWeight: number): Record<string, unknown> {
  const weight = pocWeight === 0 ? {} : { poc_weight: pocWeight };
  return { node_id: node.config.id, ...weight, timeslot_allocation: [true, false] };
}
