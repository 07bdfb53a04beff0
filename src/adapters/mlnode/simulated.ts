import type { WorldClock } from '../../world/clock.ts';
import type { MlnodeWorld } from '../../world/machine/mlnode.ts';
import { createWorldTransport } from '../world-transport.ts';
import { createHttpMlnode } from './http.ts';
import type { Mlnode } from './interface.ts';

/** The ML node of the simulation: the same parsing over the world's own handler, limits on the given clock. */
export function createSimulatedMlnode(options: {
  readonly world: Pick<MlnodeWorld, 'handle'>;
  readonly clock?: Pick<WorldClock, 'setTimeout' | 'clearTimeout'>;
}): Mlnode {
  const transport = createWorldTransport({
    neighbour: options.world,
    ...(options.clock ? { clock: options.clock } : {}),
  });
  return createHttpMlnode({ baseUrl: 'http://mlnode.world', transport });
}
