import type { ListedNode, NetworkNode, NodeDefinition } from '../../adapters/network-node/interface.ts';
import type { Config } from '../../config/config.ts';
import type { RegistrationCheck } from '../../machines/registration.ts';
import type { Effects } from '../../runtime/interface.ts';

/**
 * The work behind the registration chart: one definition, one writer. Nothing is registered that this process does
 * not reach itself: the Network Node would call an address where nobody is, and count the node as failed.
 */
export function createRegistrationEffects(
  networkNode: NetworkNode,
  definition: NodeDefinition,
  reachSelf: (signal: AbortSignal) => Promise<void>,
): Effects {
  return {
    compareDefinition: async ({ signal }) => compare(definition, await networkNode.nodes(signal)),
    upsertDefinition: async ({ signal }) => {
      await reachSelf(signal);
      await networkNode.upsert(definition, signal);
      return null;
    },
  };
}

/** The node as the host's Network Node shall know it. Segments are empty: the paths carry their own prefixes. */
export function nodeDefinition(config: Config): NodeDefinition {
  const { node } = config;
  return {
    id: node.id,
    host: node.host,
    inferencePort: node.inferencePort ?? node.gatewayPort,
    inferenceSegment: node.inferenceSegment,
    pocPort: node.gatewayPort,
    pocSegment: node.pocSegment,
    models: { [config.model]: { args: [] } },
    maxConcurrent: node.maxConcurrent,
    hardware: [{ type: node.hardwareType, count: node.hardwareCount }],
  };
}

/** Field by field; hardware is left out, because the Network Node overwrites it by its own account. */
export function compare(wanted: NodeDefinition, listed: readonly ListedNode[]): RegistrationCheck {
  const row = listed.find((node) => node.definition.id === wanted.id);
  if (row === undefined) return { isListed: false, differences: ['not listed'], nodeNum: null };
  const fields = [
    'host',
    'inferencePort',
    'inferenceSegment',
    'pocPort',
    'pocSegment',
    'maxConcurrent',
  ] as const;
  const differences: string[] = fields.filter((field) => row.definition[field] !== wanted[field]);
  const models = (node: NodeDefinition): string => Object.keys(node.models).toSorted().join(' ');
  if (models(row.definition) !== models(wanted)) differences.push('models');
  return { isListed: true, differences, nodeNum: row.nodeNum };
}
