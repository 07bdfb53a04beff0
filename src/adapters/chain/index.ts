import { createOfetchTransport } from '../ofetch-transport.ts';
import { type HttpChainOptions, createHttpChain } from './http.ts';
import type { Chain } from './interface.ts';
import { type SimulatedChainOptions, createSimulatedChain } from './simulated.ts';

export type ChainOptions = Omit<HttpChainOptions, 'transport'> | SimulatedChainOptions;

/** A chain source: over the world where one is given, else over HTTP. */
export function createChain(options: ChainOptions): Chain {
  if ('world' in options) return createSimulatedChain(options);
  return createHttpChain({ ...options, transport: createOfetchTransport() });
}
