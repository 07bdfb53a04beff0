import type { EpochFigures, NetworkNodeBooks } from '../figures/books.ts';
import type { ChainFlavour } from '../world/chain/flavour.ts';
import type { Auditor } from './audit/auditor.ts';
import { confirmationFigures } from './confirmation-figures.ts';
import { noncesPlayedOfOne } from './nonce-rate.ts';

/** The figures of one simulation (docs/reference/simulation.md "Figures"); money in dollars, times in world seconds. */
export interface SimulationFigures {
  readonly epochs: number;
  readonly completed: number;
  readonly missed: number;
  readonly missedPer1000: number;
  /** Epochs missed, or with less than half of their weight confirmed. */
  readonly epochsUnrewarded: number;
  /** Confirmation PoCs that met a node which is not preserved and was not served. */
  readonly confirmationsMissed: number;
  /** Instances that are there when the last PoC is long over, and that no open lease answers for. */
  readonly leakedInstances: number;
  /** What those had cost by then. */
  readonly leakedUsd: number;
  /** The longest that an instance was there without an open lease that knew it. */
  readonly leakedSecondsMax: number;
  readonly duplicateCreates: number;
  readonly earlyReleases: number;
  readonly invariantViolations: number;
  readonly capOvershootUsd: number;
  readonly providerForcedUsd: number;
  readonly callbacksLost: number;
  readonly callbacksUndeliverable: number;
  /** By the Network Node, at the published rates. */
  readonly noncesAccepted: number;
  /** Nonces that reached it more than once: a delivery whose outcome is unknown is sent again. */
  readonly noncesDuplicate: number;
  readonly instances: number;
  readonly paidSeconds: number;
  readonly usefulSeconds: number;
  readonly minimumSeconds: number;
  readonly paidOverUseful: number | null;
  readonly paidOverMinimum: number | null;
  readonly costUsd: number;
  /** Null without an accepted nonce. */
  readonly costUsdPer1000Nonces: number | null;
  readonly crashes: number;
  /** World time over wall time. */
  readonly speedup: number;
}

export interface ReportTerms {
  readonly auditor: Auditor;
  readonly node: NetworkNodeBooks;
  readonly epochs: number;
  readonly crashes: number;
  readonly worldMs: number;
  readonly wallMs: number;
  readonly nowMs: number;
  /** Instances that nobody answers for, by id. */
  readonly leaked: ReadonlySet<number>;
  readonly chain: ChainFlavour;
  /** Machines serve until the next PoC, not only until validation ends. */
  readonly isHeldThroughEpoch?: boolean;
}

/** From the neighbours' books and the auditor's notes. */
export function figuresOf(terms: ReportTerms): SimulationFigures {
  const { auditor, node, epochs, nowMs } = terms;
  const { leases, money, pocs, violations, instances } = auditor;
  const judged = node.epochs.filter((epoch) => epoch.verdict !== 'open').slice(0, epochs);
  const completed = judged.filter((epoch) => epoch.verdict === 'completed');
  const missed = judged.length - completed.length;
  const paidSeconds = sum(instances, (instance) => instance.gpuSeconds);
  const machinesOf = ({ pocStartHeight }: EpochFigures): number =>
    Math.max(1, Math.min(pocs.fleetWidth, pocs.serving.get(pocStartHeight) ?? 1));
  const usefulSeconds = sum(
    completed,
    (epoch) =>
      machinesOf(epoch) *
      (terms.isHeldThroughEpoch === true ? heldSecondsOf(epoch, node, nowMs) : usefulSecondsOf(epoch)),
  );
  const minimumSeconds = usefulSeconds + sum(completed, machinesOf) * median(leases.bootSeconds);
  const forcedUsd = money.forcedUsd(instances, nowMs);
  const costUsd = sum(instances, (instance) => instance.costUsd);
  const playedOfOne = noncesPlayedOfOne(terms.chain);
  const noncesAccepted = sum(judged, (epoch) => epoch.noncesAccepted) / playedOfOne;
  const leaked = instances.filter(({ instanceId }) => terms.leaked.has(instanceId));
  return {
    epochs,
    completed: completed.length,
    missed,
    missedPer1000: rounded((1_000 * missed) / Math.max(1, judged.length), 3),
    ...confirmationFigures(node, judged),
    leakedInstances: terms.leaked.size,
    leakedUsd: rounded(
      sum(leaked, (instance) => instance.costUsd),
      6,
    ),
    leakedSecondsMax: rounded(leases.leakedSecondsMax, 1),
    duplicateCreates: leases.duplicateCreates,
    earlyReleases: leases.earlyReleases,
    invariantViolations: violations.all.length,
    capOvershootUsd: rounded(Math.max(0, money.overshootUsd(instances, nowMs) - forcedUsd), 6),
    providerForcedUsd: rounded(forcedUsd, 6),
    ...pocs.figures,
    noncesAccepted,
    noncesDuplicate: sum(judged, (epoch) => epoch.noncesDuplicate) / playedOfOne,
    instances: instances.length,
    paidSeconds: Math.round(paidSeconds),
    usefulSeconds: Math.round(usefulSeconds),
    minimumSeconds: Math.round(minimumSeconds),
    paidOverUseful: ratio(paidSeconds, usefulSeconds),
    paidOverMinimum: ratio(paidSeconds, minimumSeconds),
    costUsd: rounded(costUsd, 6),
    costUsdPer1000Nonces: ratio(1_000 * costUsd, noncesAccepted),
    crashes: terms.crashes,
    speedup: Math.round(terms.worldMs / Math.max(1, terms.wallMs)),
  };
}

/** Machine time from `poc_start` to the end of validation, by the Network Node's own windows. */
function usefulSecondsOf({ windows }: EpochFigures): number {
  const { openedAtMs } = windows.generated;
  const { closedAtMs } = windows.validated;
  return openedAtMs === null || closedAtMs === null ? 0 : (closedAtMs - openedAtMs) / 1_000;
}

/** From `poc_start` to the next one, or to the end of the run. */
function heldSecondsOf({ windows }: EpochFigures, node: NetworkNodeBooks, nowMs: number): number {
  const { openedAtMs } = windows.generated;
  if (openedAtMs === null) return 0;
  const next = node.epochs.find((epoch) => (epoch.windows.generated.openedAtMs ?? 0) > openedAtMs);
  return ((next?.windows.generated.openedAtMs ?? nowMs) - openedAtMs) / 1_000;
}

const sum = <Item>(items: readonly Item[], figure: (item: Item) => number): number =>
  items.reduce((total, item) => total + figure(item), 0);

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

const ratio = (value: number, by: number): number | null => (by > 0 ? rounded(value / by, 3) : null);

function median(values: readonly number[]): number {
  const inOrder = values.toSorted((a, b) => a - b);
  return inOrder[Math.floor(inOrder.length / 2)] ?? 0;
}
