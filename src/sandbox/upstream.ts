import { UpstreamWorld, type UpstreamWorldOptions } from '../world/upstream/upstream.ts';
import { Random } from '../world/random.ts';
import { type ServedNeighbour, serveNeighbour } from './http-neighbour.ts';
import { ScaledClock } from './scaled-clock.ts';

export interface ServeUpstreamOptions extends Omit<UpstreamWorldOptions, 'clock' | 'random'> {
  /** 0 = any free port. */
  readonly port: number;
  readonly speed: number;
  /** Unix milliseconds at which the world's clock and the wall's agreed. */
  readonly originMs: number;
  readonly seed: number;
}

/** The inference API as a process: its public API and the control API. */
export async function serveUpstream(options: ServeUpstreamOptions): Promise<ServedNeighbour> {
  const world = new UpstreamWorld({
    ...options,
    clock: new ScaledClock(options),
    random: new Random(options.seed),
  });
  return serveNeighbour(world, { port: options.port });
}
