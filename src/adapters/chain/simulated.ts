import type { UnixMs } from '../../units.ts';
import type { ChainSource } from '../../world/chain/chain-source.ts';
import type { ChainWorld } from '../../world/chain/chain-world.ts';
import type { WorldClock } from '../../world/clock.ts';
import { createWorldTransport } from '../world-transport.ts';
import { createHttpChain } from './http.ts';
import type { Chain } from './interface.ts';

export interface SimulatedChainOptions {
  readonly world: ChainWorld | ChainSource;
  /** The simulation's clock; limits are counted on it. */
  readonly clock: WorldClock;
  /** Default 5000. */
  readonly timeoutMs?: number;
  readonly now: () => UnixMs;
}

/** The same parsing over the world's chain, without a wire. */
export function createSimulatedChain(options: SimulatedChainOptions): Chain {
  return createHttpChain({
    baseUrl: 'http://chain.world',
    transport: createWorldTransport({ neighbour: options.world, clock: options.clock }),
    timeoutMs: options.timeoutMs ?? 5_000,
    now: options.now,
  });
}
