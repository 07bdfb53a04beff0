import type { ListedNode, NodeDefinition } from '../adapters/network-node/interface.ts';

/**
 * Why a registration is a remnant that harms ours; undefined when it is none. Earlier tools registered each rented GPU
 * as a node of its own (`vastai-…`), and the proxy under a second id (docs/features.md).
 */
export function staleReason({ definition }: ListedNode, wanted: NodeDefinition): string | undefined {
  if (definition.id === wanted.id) return undefined;
  if (/^vastai(-mlnode)?-/.test(definition.id)) return 'is a rented GPU of an earlier tool';
  if (definition.host !== wanted.host) return undefined;
  const ports = [wanted.pocPort, wanted.inferencePort];
  return ports.includes(definition.pocPort) || ports.includes(definition.inferencePort)
    ? 'stands at our address under another id'
    : undefined;
}

export const isStale = (node: ListedNode, wanted: NodeDefinition): boolean =>
  staleReason(node, wanted) !== undefined;
