import { type Block, ChainWorld, type ChainWorldOptions } from '../world/chain/chain-world.ts';
import type { WorldOutcome, WorldRequest } from '../world/exchange.ts';
import { type ServedNeighbour, serveNeighbour } from './http-neighbour.ts';
import { ScaledClock } from './scaled-clock.ts';

export interface ServeChainOptions extends Omit<ChainWorldOptions, 'clock'> {
  /** 0 = any free port. */
  readonly port: number;
  readonly speed: number;
  /** Unix milliseconds at which the world's clock and the wall's agreed. */
  readonly originMs: number;
}

/** Blocks that a subscriber may lag behind before the oldest are dropped for it. */
const subscriberBacklog = 1_000;

/**
 * The chain as a process: its public API, the control API and `GET /sandbox/blocks`, a stream of server-sent events
 * with the latest block first and every new one after it (the place of CometBFT's NewBlock subscription).
 */
export async function serveChain(options: ServeChainOptions): Promise<ServedNeighbour> {
  const world = new ChainWorld({ ...options, clock: new ScaledClock(options) });
  return serveNeighbour(world, {
    port: options.port,
    control: async (request) => blockRoute(world, request),
  });
}

function blockRoute(world: ChainWorld, request: WorldRequest): WorldOutcome | undefined {
  if (request.method !== 'GET' || request.path !== '/sandbox/blocks') return undefined;
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    body: events(world, request.signal),
  };
}

async function* events(world: ChainWorld, signal: AbortSignal | undefined): AsyncGenerator<string> {
  const backlog: Block[] = [world.latestBlock()];
  let wake = (): void => undefined;
  const unsubscribe = world.subscribe((block) => {
    backlog.push(block);
    if (backlog.length > subscriberBacklog) backlog.shift();
    wake();
  });
  const hungUp = (): boolean => signal?.aborted ?? false;
  signal?.addEventListener('abort', () => wake(), { once: true });
  try {
    while (!hungUp()) {
      const block = backlog.shift();
      if (block !== undefined) yield `data: ${JSON.stringify(block)}\n\n`;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    unsubscribe();
  }
}
