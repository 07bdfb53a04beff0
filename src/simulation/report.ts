import type { EpochFigures, NetworkNodeBooks } from '../figures/books.ts';
import type { Auditor } from './audit/auditor.ts';

/** The figures of one simulation (docs/reference/simulation.md "Figures"); money in dollars, times in world seconds. */
export interface SimulationFigures {
  readonly epochs: number;
  readonly completed: number;
  readonly missed: number;
  readonly missedPer1000: number;
  /** Instances that are there when the last PoC is long over. */
  readonly leakedInstances: number;
  /** The longest that an instance was there without an open lease that knew it. */
  readonly leakedSecondsMax: number;
  readonly duplicateCreates: number;
  readonly earlyReleases: number;
  readonly invariantViolations: number;
  readonly capOvershootUsd: number;
  readonly providerForcedUsd: number;
  readonly callbacksLost: number;
  readonly callbacksUndeliverable: number;
  readonly instances: number;
  readonly paidSeconds: number;
  readonly usefulSeconds: number;
  readonly minimumSeconds: number;
  readonly paidOverUseful: number | null;
  readonly paidOverMinimum: number | null;
  readonly costUsd: number;
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
  readonly leakedInstances: number;
}

/** From the neighbours' books and the auditor's notes. */
export function figuresOf(terms: ReportTerms): SimulationFigures {
  const { auditor, node, epochs, nowMs } = terms;
  const { leases, money, pocs, violations, instances } = auditor;
  const judged = node.epochs.filter((epoch) => epoch.verdict !== 'open').slice(0, epochs);
  const completed = judged.filter((epoch) => epoch.verdict === 'completed');
  const missed = judged.length - completed.length;
  const paidSeconds = sum(instances, (instance) => instance.gpuSeconds);
  const usefulSeconds = sum(completed, usefulSecondsOf);
  const minimumSeconds = usefulSeconds + completed.length * median(leases.bootSeconds);
  const forcedUsd = money.forcedUsd(instances, nowMs);
  return {
    epochs,
    completed: completed.length,
    missed,
    missedPer1000: rounded((1_000 * missed) / Math.max(1, judged.length), 3),
    leakedInstances: terms.leakedInstances,
    leakedSecondsMax: rounded(leases.leakedSecondsMax, 1),
    duplicateCreates: leases.duplicateCreates,
    earlyReleases: leases.earlyReleases,
    invariantViolations: violations.all.length,
    capOvershootUsd: rounded(Math.max(0, money.overshootUsd(instances, nowMs) - forcedUsd), 6),
    providerForcedUsd: rounded(forcedUsd, 6),
    ...pocs.figures,
    instances: instances.length,
    paidSeconds: Math.round(paidSeconds),
    usefulSeconds: Math.round(usefulSeconds),
    minimumSeconds: Math.round(minimumSeconds),
    paidOverUseful: ratio(paidSeconds, usefulSeconds),
    paidOverMinimum: ratio(paidSeconds, minimumSeconds),
    costUsd: rounded(
      sum(instances, (instance) => instance.costUsd),
      6,
    ),
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

const sum = <Item>(items: readonly Item[], figure: (item: Item) => number): number =>
  items.reduce((total, item) => total + figure(item), 0);

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

const ratio = (value: number, by: number): number | null => (by > 0 ? rounded(value / by, 3) : null);

function median(values: readonly number[]): number {
  const inOrder = values.toSorted((a, b) => a - b);
  return inOrder[Math.floor(inOrder.length / 2)] ?? 0;
}
