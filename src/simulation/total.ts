import type { SimulationFigures } from './report.ts';

/** Figures of several runs as one: counts and money added, the worst leak and the slowest speed kept. */
export function totalOf(all: readonly SimulationFigures[]): SimulationFigures {
  const [first, ...rest] = all;
  if (first === undefined) throw new RangeError('no run to add up');
  return rest.reduce(added, first);
}

function added(a: SimulationFigures, b: SimulationFigures): SimulationFigures {
  const judged = a.completed + a.missed + b.completed + b.missed;
  const missed = a.missed + b.missed;
  const paidSeconds = a.paidSeconds + b.paidSeconds;
  const usefulSeconds = a.usefulSeconds + b.usefulSeconds;
  const minimumSeconds = a.minimumSeconds + b.minimumSeconds;
  return {
    epochs: a.epochs + b.epochs,
    completed: a.completed + b.completed,
    missed,
    missedPer1000: rounded((1_000 * missed) / Math.max(1, judged)),
    leakedInstances: a.leakedInstances + b.leakedInstances,
    leakedSecondsMax: Math.max(a.leakedSecondsMax, b.leakedSecondsMax),
    duplicateCreates: a.duplicateCreates + b.duplicateCreates,
    earlyReleases: a.earlyReleases + b.earlyReleases,
    invariantViolations: a.invariantViolations + b.invariantViolations,
    capOvershootUsd: Math.max(a.capOvershootUsd, b.capOvershootUsd),
    providerForcedUsd: rounded(a.providerForcedUsd + b.providerForcedUsd),
    callbacksLost: a.callbacksLost + b.callbacksLost,
    callbacksUndeliverable: a.callbacksUndeliverable + b.callbacksUndeliverable,
    instances: a.instances + b.instances,
    paidSeconds,
    usefulSeconds,
    minimumSeconds,
    paidOverUseful: usefulSeconds > 0 ? rounded(paidSeconds / usefulSeconds) : null,
    paidOverMinimum: minimumSeconds > 0 ? rounded(paidSeconds / minimumSeconds) : null,
    costUsd: rounded(a.costUsd + b.costUsd),
    crashes: a.crashes + b.crashes,
    speedup: Math.min(a.speedup, b.speedup),
  };
}

const rounded = (value: number): number => Number(value.toFixed(3));
