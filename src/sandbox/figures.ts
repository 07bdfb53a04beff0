import {
  type EpochFigures,
  type MachineBook,
  type PocBook,
  pocsOf,
  type TownBooks,
} from '../figures/books.ts';
import { lostCallbacks } from '../figures/lost-callbacks.ts';
import { paidAroundPoc } from './paid-around-poc.ts';

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
  /** Generation of PoC that the Network Node drove. */
  readonly pocVersion: 1 | 2;
  readonly epochs: number;
  readonly completed: number;
  readonly missed: number;
  /** Confirmation PoCs with enough weight shown again, and those without. */
  readonly confirmationsServed: number;
  readonly confirmationsMissed: number;
  /** Epochs missed, or with a confirmation PoC missed. */
  readonly epochsUnrewarded: number;
  readonly noncesProduced: number;
  readonly noncesSent: number;
  readonly noncesAccepted: number;
  /** Those of PoC v2. */
  readonly artifactsAccepted: number;
  /** Received more than once. */
  readonly noncesDuplicate: number;
  /** Received although they are not of the class that was assigned to the node. */
  readonly noncesOutOfClass: number;
  /** Machines that sent nonces, in the PoC that had the fewest. */
  readonly machines: number;
  readonly validationsDue: number;
  readonly validationsDelivered: number;
  readonly callbacksLost: number;
  readonly callbacksUndeliverable: number;
  readonly leases: number;
  /** Of them those rented after the last judged PoC: for one that the run does not live to see. */
  readonly leasesAhead: number;
  readonly leakedInstances: number;
  readonly paidSeconds: number;
  /** Of them those before `poc_start`: the lead that booting did not need. */
  readonly paidBeforePocSeconds: number;
  /** Of them those after the end of validation: the time that giving back took. */
  readonly paidAfterHoldSeconds: number;
  readonly usefulSeconds: number;
  readonly costUsd: number;
  readonly inference: InferenceFigures;
}

export function figuresOf(books: TownBooks, epochs: number, clients: InferenceFigures): Figures {
  const { vast, networkNode } = books;
  const judged = judgedEpochs(books);
  const completed = judged.filter((epoch) => epoch.verdict === 'completed');
  const callbacks = lostCallbacks(vast, networkNode);
  const lastEndMs = judged.at(-1)?.windows.validated.closedAtMs ?? Number.POSITIVE_INFINITY;
  const paid = paidAroundPoc(books);
  return {
    pocVersion: networkNode.pocVersion ?? 1,
    epochs,
    completed: completed.length,
    missed: judged.filter((epoch) => epoch.verdict === 'missed').length,
    confirmationsServed: networkNode.confirmationsServed ?? 0,
    confirmationsMissed: networkNode.confirmationsMissed ?? 0,
    epochsUnrewarded: networkNode.epochsUnrewarded ?? 0,
    noncesProduced: distinctNonces(vast.machines, (poc) => poc.nonces),
    noncesSent: distinctNonces(vast.machines, (poc) => poc.postedNonces),
    noncesAccepted: networkNode.noncesAccepted,
    artifactsAccepted: networkNode.artifactsAccepted ?? 0,
    noncesDuplicate: networkNode.noncesDuplicate,
    noncesOutOfClass: sum(
      [...networkNode.epochs, ...(networkNode.confirmations ?? [])],
      (poc) => poc.noncesOutOfClass,
    ),
    machines: judged.length === 0 ? 0 : Math.min(...judged.map((epoch) => machinesIn(vast.machines, epoch))),
    validationsDue: sum(judged, (epoch) => epoch.validationsDue),
    validationsDelivered: networkNode.validationsDelivered,
    callbacksLost: callbacks.lost,
    callbacksUndeliverable: callbacks.undeliverable,
    leases: vast.instancesCreated,
    leasesAhead: vast.instances.filter((instance) => instance.createdAt > lastEndMs).length,
    leakedInstances: vast.live,
    paidSeconds: Math.round(vast.paidSeconds),
    paidBeforePocSeconds: Math.round(paid.beforeSeconds),
    paidAfterHoldSeconds: Math.round(paid.afterSeconds),
    usefulSeconds: Math.round(
      sum(completed, (epoch) => machinesIn(vast.machines, epoch) * usefulSecondsOf(epoch)),
    ),
    costUsd: Math.round(vast.costUsd * 1e6) / 1e6,
    inference: {
      requests: clients.requests + networkNode.inference.requests,
      failed: clients.failed + networkNode.inference.failed,
      streamed: clients.streamed + networkNode.inference.streamed,
      failures: added(networkNode.inference.failures, clients.failures),
    },
  };
}

export const judgedEpochs = ({ networkNode }: TownBooks): readonly EpochFigures[] =>
  networkNode.epochs.filter((epoch) => epoch.verdict !== 'open');

/** From `poc_start` to the end of validation, by the Network Node's own windows (they open one block later). */
function usefulSecondsOf({ windows }: EpochFigures): number {
  const from = windows.generated.openedAtMs;
  const to = windows.validated.closedAtMs;
  return from === null || to === null ? 0 : (to - from) / 1000;
}

/** How many machines sent nonces in that PoC. */
const machinesIn = (machines: readonly MachineBook[], { pocStartHeight }: EpochFigures): number =>
  machines.filter((machine) =>
    pocsOf(machine).some((poc) => poc.blockHeight === pocStartHeight && poc.postedNonces.length > 0),
  ).length;

/** Distinct nonces of each PoC over all machines. */
function distinctNonces(
  machines: readonly MachineBook[],
  noncesOf: (poc: PocBook) => readonly number[],
): number {
  const byPoc = new Map<number, Set<number>>();
  for (const poc of machines.flatMap(pocsOf)) {
    const seen = byPoc.get(poc.blockHeight) ?? new Set();
    for (const nonce of noncesOf(poc)) seen.add(nonce);
    byPoc.set(poc.blockHeight, seen);
  }
  return sum([...byPoc.values()], (seen) => seen.size);
}

function added(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Record<string, number> {
  const total = { ...one };
  for (const [name, count] of Object.entries(other)) total[name] = (total[name] ?? 0) + count;
  return total;
}

const sum = <Item>(items: readonly Item[], figure: (item: Item) => number): number =>
  items.reduce((total, item) => total + figure(item), 0);
