import type { EpochFigures, MachineBook, TownBooks } from './books.ts';
import { lostCallbacks } from './lost-callbacks.ts';

/** Inference as the demo's own clients and the Network Node saw it. */
export interface InferenceFigures {
  readonly requests: number;
  readonly failed: number;
  readonly streamed: number;
  /** What was wrong with the failed ones, and how often. */
  readonly failures: Readonly<Record<string, number>>;
}

/** The report of a run, from the neighbours' books alone (docs/operating.md "What the demo's figures mean"). */
export interface Figures {
  readonly epochs: number;
  readonly completed: number;
  readonly missed: number;
  readonly noncesProduced: number;
  readonly noncesSent: number;
  readonly noncesAccepted: number;
  readonly validationsDelivered: number;
  readonly callbacksLost: number;
  readonly callbacksUndeliverable: number;
  readonly leases: number;
  readonly leakedInstances: number;
  readonly paidSeconds: number;
  readonly usefulSeconds: number;
  readonly costUsd: number;
  readonly inference: InferenceFigures;
}

export function figuresOf(books: TownBooks, epochs: number, clients: InferenceFigures): Figures {
  const { vast, networkNode } = books;
  const judged = networkNode.epochs.filter((epoch) => epoch.verdict !== 'open');
  const completed = judged.filter((epoch) => epoch.verdict === 'completed');
  const callbacks = lostCallbacks(vast, networkNode);
  const usefulSeconds = sum(completed, usefulSecondsOf);
  return {
    epochs,
    completed: completed.length,
    missed: judged.length - completed.length,
    noncesProduced: distinctNonces(vast.machines, (poc) => poc.nonces),
    noncesSent: distinctNonces(vast.machines, (poc) => poc.postedNonces),
    noncesAccepted: networkNode.noncesAccepted,
    validationsDelivered: networkNode.validationsDelivered,
    callbacksLost: callbacks.lost,
    callbacksUndeliverable: callbacks.undeliverable,
    leases: vast.instancesCreated,
    leakedInstances: vast.live,
    paidSeconds: Math.round(vast.paidSeconds),
    usefulSeconds: Math.round(usefulSeconds),
    costUsd: Math.round(vast.costUsd * 1e6) / 1e6,
    inference: {
      requests: clients.requests + networkNode.inference.requests,
      failed: clients.failed + networkNode.inference.failed,
      streamed: clients.streamed + networkNode.inference.streamed,
      failures: { ...networkNode.inference.failures, ...clients.failures },
    },
  };
}

/** What is wrong with a run, in words; empty when it is all right. The demo's exit code hangs on it. */
export function blemishes(figures: Figures): string[] {
  const faults: string[] = [];
  const expect = (isFine: boolean, text: string): void => void (isFine || faults.push(text));
  expect(figures.completed === figures.epochs, `${figures.completed} of ${figures.epochs} epochs completed`);
  expect(figures.missed === 0, `${figures.missed} epochs missed`);
  expect(figures.noncesAccepted > 0, 'no nonces accepted');
  expect(
    figures.noncesAccepted === figures.noncesSent,
    `${figures.noncesSent} nonces sent, ${figures.noncesAccepted} accepted`,
  );
  expect(figures.callbacksLost === 0, `${figures.callbacksLost} callbacks lost`);
  expect(figures.leakedInstances === 0, `${figures.leakedInstances} instances leaked`);
  expect(figures.inference.requests > 0, 'no inference was asked for');
  expect(figures.inference.failed === 0, `${figures.inference.failed} inference requests failed`);
  return faults;
}

/** From `poc_start` to the end of validation, by the Network Node's own windows (they open one block later). */
function usefulSecondsOf({ windows }: EpochFigures): number {
  const from = windows.generated.openedAtMs;
  const to = windows.validated.closedAtMs;
  return from === null || to === null ? 0 : (to - from) / 1000;
}

/** Distinct nonces of each PoC over all machines. */
function distinctNonces(
  machines: readonly MachineBook[],
  noncesOf: (poc: MachineBook['mlnode']['pocs'][number]) => readonly number[],
): number {
  const byPoc = new Map<number, Set<number>>();
  for (const poc of machines.flatMap((machine) => machine.mlnode.pocs)) {
    const seen = byPoc.get(poc.blockHeight) ?? new Set();
    for (const nonce of noncesOf(poc)) seen.add(nonce);
    byPoc.set(poc.blockHeight, seen);
  }
  return sum([...byPoc.values()], (seen) => seen.size);
}

const sum = <Item>(items: readonly Item[], figure: (item: Item) => number): number =>
  items.reduce((total, item) => total + figure(item), 0);
