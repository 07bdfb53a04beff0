import { type NodeRecord, statusNumbers } from './node-record.ts';

/** How Go writes a time that was never set. */
const zeroTime = '0001-01-01T00:00:00Z';

/** What the chain's epoch data say of one node. */
export interface NodeView {
  /** Nonces of its last regular PoC. */
  readonly pocWeight: number;
  /** The next PoC leaves it in service. */
  readonly isPreserved: boolean;
  /** Governance's arguments by model id. */
  readonly modelArgs: Readonly<Record<string, readonly string[]>>;
}

/** One row of `GET /admin/v1/nodes` (docs/reference/protocol.md "Node list"). */
export function nodeRow(node: NodeRecord, view: NodeView): Record<string, unknown> {
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
      epoch_models: Object.fromEntries(models.map((id) => [id, modelOf(id, view)])),
      epoch_ml_nodes: Object.fromEntries(models.map((model) => [model, epochNode(node, view)])),
      preserved_models: view.isPreserved
        ? Object.fromEntries(models.map((id) => [id, modelOf(id, view)]))
        : {},
    },
  };
}

const modelOf = (id: string, { modelArgs }: NodeView): Record<string, unknown> => ({
  id,
  ...(modelArgs[id]?.length ? { model_args: modelArgs[id] } : {}),
});

/** Zero-valued fields of the chain's record are left out. */
function epochNode(node: NodeRecord, { pocWeight, isPreserved }: NodeView): Record<string, unknown> {
  const weight = pocWeight === 0 ? {} : { poc_weight: pocWeight };
  return { node_id: node.config.id, ...weight, timeslot_allocation: [true, isPreserved] };
}
