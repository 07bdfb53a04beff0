import { z } from 'zod';
import type { ListedNode, NodeDefinition } from './interface.ts';

const args = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);

/** Go writes `null` for absent lists and maps. */
const row = z.object({
  node: z.object({
    id: z.string(),
    host: z.string(),
    inference_segment: z.string().default(''),
    inference_port: z.int(),
    poc_segment: z.string().default(''),
    poc_port: z.int(),
    models: z.record(z.string(), z.object({ args })).nullish(),
    max_concurrent: z.int(),
    hardware: z.array(z.object({ type: z.string(), count: z.int() })).nullish(),
    node_num: z.int(),
  }),
  state: z.object({
    intended_status: z.string(),
    current_status: z.string(),
    poc_current_status: z.string().nullish(),
    failure_reason: z.string().nullish(),
    admin_state: z.object({ enabled: z.boolean().default(false) }),
    epoch_ml_nodes: z
      .record(z.string(), z.object({ timeslot_allocation: z.array(z.boolean()).nullish() }).nullish())
      .nullish()
      .catch(null),
    preserved_models: z.unknown().optional(),
  }),
});

/** Answer of `GET /admin/v1/nodes` (docs/reference/protocol.md "Node list"). An empty list may be `null`. */
export const nodeList = z
  .array(row)
  .nullable()
  .transform((rows): readonly ListedNode[] => (rows ?? []).map(listedNode));

/** Answer to an upsert: the definition as it is kept. */
export const keptNode = z.object({ id: z.string() });

export const errorBody = z.object({ error: z.string() });

/** The definition under the names of the admin API. */
export function definitionBody(definition: NodeDefinition): string {
  return JSON.stringify({
    id: definition.id,
    host: definition.host,
    inference_segment: definition.inferenceSegment,
    inference_port: definition.inferencePort,
    poc_segment: definition.pocSegment,
    poc_port: definition.pocPort,
    models: definition.models,
    max_concurrent: definition.maxConcurrent,
    hardware: definition.hardware,
  });
}

function listedNode({ node, state }: z.infer<typeof row>): ListedNode {
  return {
    definition: {
      id: node.id,
      host: node.host,
      inferenceSegment: node.inference_segment,
      inferencePort: node.inference_port,
      pocSegment: node.poc_segment,
      pocPort: node.poc_port,
      models: node.models ?? {},
      maxConcurrent: node.max_concurrent,
      hardware: node.hardware ?? [],
    },
    nodeNum: node.node_num,
    intendedStatus: state.intended_status,
    currentStatus: state.current_status,
    pocCurrentStatus: state.poc_current_status ?? null,
    failureReason: state.failure_reason ?? '',
    isEnabled: state.admin_state.enabled,
    isPreserved: isPreserved(state),
  };
}

/**
 * Whether the node keeps serving inference through the next PoC. Networks that list `preserved_models` draw them anew
 * for each PoC, so nothing is known beforehand (docs/reference/protocol.md "Node list").
 */
function isPreserved({
  epoch_ml_nodes: nodes,
  preserved_models: drawn,
}: z.infer<typeof row>['state']): boolean | null {
  if (drawn !== undefined || nodes === null || nodes === undefined) return null;
  return Object.values(nodes).some((node) => node?.timeslot_allocation?.[1] === true);
}
