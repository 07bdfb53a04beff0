import type { TownBooks, NetworkNodeBooks, VastBooks } from './books.ts';
import { DaemonChild } from './daemon-child.ts';
import { type Figures, figuresOf } from './figures.ts';
import { InferenceClients } from './inference-clients.ts';
import type { Town } from './town.ts';

/** How often the books are looked at, real milliseconds. */
const lookPauseMs = 250;

export interface RunOptions {
  readonly town: Town;
  /** PoC epochs to live through. */
  readonly epochs: number;
  /** Real milliseconds after which the run is given up. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** Called with each look at the books. */
  onLook?(books: TownBooks): void;
  /** The command line behind Node that is the daemon; default: this program's `start`. */
  readonly program?: readonly string[];
  /** Called when the daemon is up. */
  onUp?(daemon: DaemonChild): void;
}

export interface RunReport {
  readonly figures: Figures;
  /** Exit code of the daemon's stop. */
  readonly daemonExitCode: number;
  readonly logPath: string;
}

/** One daemon lives through whole epochs in a town, is stopped as an operator stops it, and the books are read. */
export async function runEpochs(options: RunOptions): Promise<RunReport> {
  const { town, epochs, limitMs, signal, program } = options;
  const daemon = new DaemonChild(town, program === undefined ? {} : { program });
  const clients = new InferenceClients({ url: town.gatewayUrl, model: town.model, pauseMs: 200 });
  try {
    await daemon.up();
    options.onUp?.(daemon);
    clients.start();
    await untilOver(town, epochs, AbortSignal.any([signal, AbortSignal.timeout(limitMs)]), (books) =>
      options.onLook?.(books),
    );
  } finally {
    await clients.stop();
    daemon.signal('SIGTERM');
  }
  const daemonExitCode = await daemon.exited;
  const figures = figuresOf(await readBooks(town), epochs, clients.figures);
  return { figures, daemonExitCode, logPath: daemon.logPath };
}

export async function readBooks(town: Town): Promise<TownBooks> {
  const [vast, networkNode] = await Promise.all([
    town.vast.books<VastBooks>(),
    town.networkNode.books<NetworkNodeBooks>(),
  ]);
  return { vast, networkNode };
}

/** Until so many epochs are judged and every machine of theirs is back; or until the limit. */
async function untilOver(
  town: Town,
  epochs: number,
  signal: AbortSignal,
  onLook: RunOptions['onLook'],
): Promise<void> {
  while (!signal.aborted) {
    const books = await readBooks(town);
    onLook?.(books);
    const judged = books.networkNode.completed + books.networkNode.missed;
    if (judged >= epochs && books.vast.live === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, lookPauseMs);
      signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
    });
  }
}
