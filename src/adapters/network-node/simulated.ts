import type { WorldClock } from '../../world/clock.ts';
import type { NetworkNodeWorld } from '../../world/network-node/network-node-world.ts';
import { createWorldTransport } from '../world-transport.ts';
import { createHttpNetworkNode } from './http.ts';
import type { NetworkNode } from './interface.ts';

export interface SimulatedNetworkNodeOptions {
  readonly world: NetworkNodeWorld;
  /** The simulation's clock; limits are counted on it. */
  readonly clock: WorldClock;
  /** Default 10 000. */
  readonly timeoutMs?: number;
}

/** The same parsing over the world's Network Node, without a wire. */
export function createSimulatedNetworkNode(options: SimulatedNetworkNodeOptions): NetworkNode {
  const { world, clock, timeoutMs } = options;
  return createHttpNetworkNode({
    adminUrl: 'http://network-node.world:9200',
    transport: createWorldTransport({ neighbour: world, clock }),
    callbackTransport: createWorldTransport({ neighbour: world.callbacks, clock }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
}
