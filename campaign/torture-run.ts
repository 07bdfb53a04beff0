import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TownBooks } from '../src/figures/books.ts';
import { DaemonChild } from '../src/sandbox/daemon-child.ts';
import { figuresOf } from '../src/sandbox/figures.ts';
import { readBooks } from '../src/sandbox/run.ts';
import { buildTown, type Town } from '../src/sandbox/town.ts';
import { Random } from '../src/world/random.ts';

export interface TortureOptions {
  readonly kills: number;
  readonly seed: number;
  /** World seconds in a real one. */
  readonly speed: number;
  readonly signal: AbortSignal;
  readonly tell: (sentence: string) => void;
}

export interface TortureFigures {
  readonly kills: number;
  /** Of them those while a machine was rented. */
  readonly killsWithMachine: number;
  readonly completed: number;
  readonly missed: number;
  readonly instances: number;
  readonly leakedInstances: number;
  /** Instances that share their label with another. */
  readonly duplicateCreates: number;
  /** Instances whose label no lease in the store has. */
  readonly unknownLabels: number;
  readonly callbacksLost: number;
  readonly callbacksUndeliverable: number;
  /** Of the operator's stop at the end. */
  readonly lastExitCode: number;
  readonly restartMsMax: number;
  readonly wallSeconds: number;
}

const startHeight = 2_089_000;
/** The daemon starts late for its lead, and rents at once. */
const blocksBeforePoc = 130;
/** Shorter than the sandbox's own: more of the time is PoC, with a machine. */
const epochLength = 420;
/** A daemon lives at least and at most so long, real milliseconds. */
const lifeMs = { least: 20, most: 4_000 };
const progressEvery = 10;

/** Kills daemon after daemon, each on the store of the one before, and reads the neighbours' books. */
export async function tortureRun(options: TortureOptions): Promise<TortureFigures> {
  const { kills, seed, speed, signal, tell } = options;
  const startedMs = performance.now();
  const random = new Random(seed);
  const town = await buildTown({
    speed,
    seed,
    chain: { startHeight, firstPocStartHeight: startHeight + blocksBeforePoc, params: { epochLength } },
    vast: { accidents: 0 },
  });
  let daemon: DaemonChild | undefined;
  let done = 0;
  let killsWithMachine = 0;
  let restartMsMax = 0;
  try {
    while (done < kills && !signal.aborted) {
      const from = performance.now();
      daemon = new DaemonChild(town);
      // One in five is killed wherever it is; the others live until they answer, and then a while.
      if (random.chance(0.8)) {
        await daemon.up();
        restartMsMax = Math.max(restartMsMax, Math.round(performance.now() - from));
      }
      await new Promise((resolve) => {
        setTimeout(resolve, random.between(lifeMs.least, lifeMs.most));
      });
      if ((await liveInstances(town)) > 0) killsWithMachine += 1;
      daemon.signal('SIGKILL');
      await daemon.exited;
      done += 1;
      if (done % progressEvery === 0) tell(`${done} kills, ${await sentence(town)}`);
    }
    daemon = new DaemonChild(town);
    await daemon.up();
    daemon.signal('SIGTERM');
    const lastExitCode = await daemon.exited;
    const books = await readBooks(town);
    return {
      kills: done,
      killsWithMachine,
      ...figures(town, books),
      lastExitCode,
      restartMsMax,
      wallSeconds: Math.round((performance.now() - startedMs) / 1_000),
    };
  } finally {
    daemon?.signal('SIGKILL');
    await daemon?.exited;
    await town.close();
  }
}

function figures(town: Town, books: TownBooks) {
  const { networkNode, vast } = books;
  const all = figuresOf(books, networkNode.epochs.length, {
    requests: 0,
    failed: 0,
    streamed: 0,
    failures: {},
  });
  const labels = vast.instances.map(({ label }) => label);
  const known = storedLabels(town);
  return {
    completed: all.completed,
    missed: all.missed,
    instances: labels.length,
    leakedInstances: vast.live,
    duplicateCreates: labels.length - new Set(labels).size,
    unknownLabels: labels.filter((label) => !known.has(label)).length,
    callbacksLost: all.callbacksLost,
    callbacksUndeliverable: all.callbacksUndeliverable,
  };
}

/** Labels of every lease that was ever written down. */
function storedLabels(town: Town): ReadonlySet<string> {
  const store = new DatabaseSync(join(town.dir, 'state', 'hybrid.sqlite'), { readOnly: true });
  try {
    return new Set(
      store
        .prepare('SELECT label FROM lease')
        .all()
        .map((row) => String(row['label'])),
    );
  } finally {
    store.close();
  }
}

async function liveInstances(town: Town): Promise<number> {
  return (await readBooks(town)).vast.live;
}

async function sentence(town: Town): Promise<string> {
  const { vast, networkNode } = await readBooks(town);
  return `${vast.instancesCreated} machines rented, ${vast.live} live, ${networkNode.noncesAccepted} nonces accepted`;
}
