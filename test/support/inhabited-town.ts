import { readFileSync } from 'node:fs';
import { DaemonChild } from '../../src/sandbox/daemon-child.ts';
import { buildTown, type Town, type TownOptions } from '../../src/sandbox/town.ts';
import { JournalWatch } from './journal-watch.ts';

const startHeight = 2_089_000;
const blockMs = 5_350;

export interface InhabitedTownOptions extends Omit<TownOptions, 'chain' | 'seed'> {
  /** Blocks from the start of the chain to the first PoC. */
  readonly blocksBeforePoc: number;
  readonly seed?: number;
}

/** A town, the daemons that live in it one after the other, and their journal. Everything ends with the test. */
export interface InhabitedTown {
  readonly town: Town;
  readonly journal: JournalWatch;
  /** Real milliseconds of one block. */
  readonly blockMs: number;
  /** Lets the chain begin to make blocks, once. */
  readonly goOn: () => Promise<void>;
  /** Starts a daemon; resolves when it answers, and the chain goes on. */
  readonly start: (args?: readonly string[]) => Promise<DaemonChild>;
  /** Starts one that is not expected to answer. */
  readonly startUnheard: (args?: readonly string[]) => DaemonChild;
  /** What the daemons of this town said on stderr. */
  readonly log: () => string;
}

export async function inhabitedTown(
  onTestFinished: (act: () => Promise<void>) => void,
  { blocksBeforePoc, seed = 1, ...options }: InhabitedTownOptions,
): Promise<InhabitedTown> {
  const town = await buildTown({
    vast: { accidents: 0 },
    ...options,
    seed,
    chain: { startHeight, firstPocStartHeight: startHeight + blocksBeforePoc },
  });
  // However long a busy computer takes to start a daemon: the PoC is as far away as the test says.
  await town.chain.setFault('halt', 1);
  const journal = new JournalWatch(town.inspectionUrl);
  const daemons: DaemonChild[] = [];
  onTestFinished(async () => {
    for (const daemon of daemons) daemon.signal('SIGKILL');
    await Promise.all(daemons.map((daemon) => daemon.exited));
    await journal.close();
    await town.close();
  });
  const goOn = (): Promise<void> => town.chain.setFault('halt', 0);
  const startUnheard = (args: readonly string[] = []): DaemonChild => {
    const daemon = new DaemonChild(town, { args });
    daemons.push(daemon);
    return daemon;
  };
  return {
    town,
    journal,
    blockMs: blockMs / options.speed,
    start: async (args) => {
      const daemon = startUnheard(args);
      await daemon.up();
      await goOn();
      return daemon;
    },
    startUnheard,
    goOn,
    log: () => (daemons[0] === undefined ? '' : readFileSync(daemons[0].logPath, 'utf8')),
  };
}

/** Looks again and again until `look` finds something; rejects after `limitMs`, real. */
export async function found<Thing>(look: () => Promise<Thing | undefined>, limitMs: number): Promise<Thing> {
  const until = performance.now() + limitMs;
  for (;;) {
    const thing = await look();
    if (thing !== undefined) return thing;
    if (performance.now() > until) throw new Error(`not found within ${limitMs} ms`);
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}
