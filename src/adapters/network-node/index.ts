import { createOfetchTransport } from '../ofetch-transport.ts';
import { createRawPathTransport } from '../raw-path-transport.ts';
import { type HttpNetworkNodeOptions, createHttpNetworkNode } from './http.ts';
import type { NetworkNode } from './interface.ts';
import { type SimulatedNetworkNodeOptions, createSimulatedNetworkNode } from './simulated.ts';

export type NetworkNodeOptions =
  | Omit<HttpNetworkNodeOptions, 'transport' | 'callbackTransport'>
  | SimulatedNetworkNodeOptions;

/** The host's Network Node: over the world where one is given, else over HTTP. */
export function createNetworkNode(options: NetworkNodeOptions): NetworkNode {
  if ('world' in options) return createSimulatedNetworkNode(options);
  return createHttpNetworkNode({
    ...options,
    transport: createOfetchTransport(),
    callbackTransport: createRawPathTransport(),
  });
}
