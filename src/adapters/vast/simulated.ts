import type { WorldOutcome, WorldRequest } from '../../world/exchange.ts';
import type { WorldClock } from '../../world/clock.ts';
import type { Secret } from '../../secret.ts';
import { createWorldTransport } from '../world-transport.ts';
import { createHttpVast } from './http.ts';
import type { Vast } from './interface.ts';
import type { PacerClock } from './pacer.ts';

export interface SimulatedVastOptions {
  /** Usually a `VastWorld`. */
  readonly world: { handle(request: WorldRequest): Promise<WorldOutcome> };
  readonly apiKey: Secret;
  /** The clock of the daemon, which in a simulation is the world's. */
  readonly clock: PacerClock;
  /** Times the limits of exchanges; default real timers. */
  readonly timers?: Pick<WorldClock, 'setTimeout' | 'clearTimeout'>;
  /** See `VastLineOptions.random`; a simulation gives a seeded one. */
  readonly random?: () => number;
}

/** The HTTP form on a wire that ends in the world itself: the same parsing, pacing and classification. */
export function createSimulatedVast(options: SimulatedVastOptions): Vast {
  const { world, apiKey, clock, timers, random } = options;
  const transport = createWorldTransport({ neighbour: world, ...(timers ? { clock: timers } : {}) });
  return createHttpVast({ baseUrl: 'http://vast', apiKey, transport, clock, ...(random ? { random } : {}) });
}
