import { ChainSource } from '../world/chain/chain-source.ts';
import {
  type Block,
  ChainWorld,
  type ChainWorldOptions,
  type GovernanceChange,
} from '../world/chain/chain-world.ts';
import { json, type WorldOutcome, type WorldRequest } from '../world/exchange.ts';
import { type ServedNeighbour, serveNeighbour } from './http-neighbour.ts';
import { ScaledClock } from './scaled-clock.ts';

export interface ServeChainOptions extends Omit<ChainWorldOptions, 'clock'> {
  /** 0 = any free port. */
  readonly port: number;
  readonly speed: number;
  /** Unix milliseconds at which the world's clock and the wall's agreed. */
  readonly originMs: number;
  /** Faults that are there from the start: name → value. */
  readonly faults?: Readonly<Record<string, number>>;
  /** Further public nodes of this chain, each on a port of its own with faults of its own. Default 0. */
  readonly furtherSources?: number;
}

export interface ServedChain extends ServedNeighbour {
  readonly sourcePorts: readonly number[];
}

/** Blocks that a subscriber may lag behind before the oldest are dropped for it. */
const subscriberBacklog = 1_000;

/**
 * The chain as a process: its public API, the control API, `GET /sandbox/blocks`, a stream of server-sent events
 * with the latest block first and every new one after it (the place of CometBFT's NewBlock subscription), and `POST
 * /sandbox/governance`, which changes parameters as a passed proposal does.
 */
export async function serveChain(options: ServeChainOptions): Promise<ServedChain> {
  const world = new ChainWorld({ ...options, clock: new ScaledClock(options) });
  for (const [name, value] of Object.entries(options.faults ?? {})) world.faults.set(name, value);
  const main = await serveNeighbour(world, {
    port: options.port,
    control: async (request) => blockRoute(world, request) ?? governanceRoute(world, request),
  });
  const sources = await Promise.all(
    Array.from({ length: options.furtherSources ?? 0 }, () =>
      serveNeighbour(new ChainSource(world.view, options.answerShape), { port: 0 }),
    ),
  );
  return {
    port: main.port,
    sourcePorts: sources.map(({ port }) => port),
    close: async () => {
      await Promise.all([main.close(), ...sources.map((source) => source.close())]);
    },
  };
}

function governanceRoute(world: ChainWorld, request: WorldRequest): WorldOutcome | undefined {
  if (request.method !== 'POST' || request.path !== '/sandbox/governance') return undefined;
  world.govern(JSON.parse(request.body) as GovernanceChange);
  return json(200, { params: world.params, confirmation: world.confirmationParams ?? null });
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
