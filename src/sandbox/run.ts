import type { ChainFlavour } from '../world/chain/flavour.ts';
import type { TownBooks, NetworkNodeBooks, VastBooks } from '../figures/books.ts';
import { DaemonChild } from './daemon-child.ts';
import { type Figures, figuresOf, judgedEpochs } from './figures.ts';
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
  onUp?(daemon: DaemonChild): Promise<void> | void;
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
  let inference: NetworkNodeBooks['inference'];
  try {
    await daemon.up();
    await options.onUp?.(daemon);
    clients.start();
    await untilOver(town, epochs, AbortSignal.any([signal, AbortSignal.timeout(limitMs)]), (books) =>
      options.onLook?.(books),
    );
  } finally {
    await clients.stop();
    // Until here: whoever asks a node that its operator stops gets no answer, and that is nobody's fault.
    inference = (await town.networkNode.books<NetworkNodeBooks>()).inference;
    daemon.signal('SIGTERM');
  }
  const daemonExitCode = await daemon.exited;
  const { vast, networkNode } = await readBooks(town);
  const books = { vast, networkNode: { ...networkNode, inference } };
  const figures = figuresOf(books, epochs, clients.figures);
  return { figures, daemonExitCode, logPath: daemon.logPath };
}

export async function readBooks(town: Town): Promise<TownBooks> {
  const [vast, networkNode] = await Promise.all([
    town.vast.books<VastBooks>(),
    town.networkNode.books<NetworkNodeBooks>(),
  ]);
  return { vast, networkNode };
}

/** Until so many epochs are judged and every machine that was rented for them is back; or until the limit. */
async function untilOver(
  town: Town,
  epochs: number,
  signal: AbortSignal,
  onLook: RunOptions['onLook'],
): Promise<void> {
  while (!signal.aborted) {
    const books = await readBooks(town);
    onLook?.(books);
    if (isOver(books, epochs, town.flavour)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, lookPauseMs);
      signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
    });
  }
}

/**
 * A machine that is there already for the next PoC is returned by the daemon's stop; so is one that is held through
 * the epoch for its confirmation PoCs, of which at least one is waited for.
 */
function isOver(books: TownBooks, epochs: number, flavour: ChainFlavour): boolean {
  const last = judgedEpochs(books)[epochs - 1];
  const endMs = last?.windows.validated.closedAtMs ?? null;
  if (flavour.endsWith('-confirmation')) {
    const own = (books.networkNode.confirmations ?? []).filter(
      ({ pocStartHeight }) => pocStartHeight === last?.pocStartHeight,
    );
    return endMs !== null && own.length > 0 && own.every(({ verdict }) => verdict !== 'open');
  }
  return (
    endMs !== null &&
    books.vast.instances.every(({ createdAt, destroyedAt }) => destroyedAt !== null || createdAt > endMs)
  );
}
