import type { SimulationFigures } from './report.ts';

/** Worst of all runs, in place of the sum. */
const kept = {
  leakedSecondsMax: Math.max,
  capOvershootUsd: Math.max,
  speedup: Math.min,
} as const satisfies Partial<Record<keyof SimulationFigures, (a: number, b: number) => number>>;

/** Figures of several runs as one: counts and money added, the worst leak and the slowest speed kept. */
export function totalOf(all: readonly SimulationFigures[]): SimulationFigures {
  const [first, ...rest] = all;
  if (first === undefined) throw new RangeError('no run to add up');
  return rest.length === 0 ? first : withRatios(rest.reduce(added, first));
}

function added(a: SimulationFigures, b: SimulationFigures): SimulationFigures {
  const names = Object.keys(a) as (keyof SimulationFigures)[];
  const pairs = names.map((name) => {
    const [one, other] = [a[name] ?? 0, b[name] ?? 0];
    const pick = name in kept ? kept[name as keyof typeof kept] : undefined;
    return [name, rounded(pick === undefined ? one + other : pick(one, other))] as const;
  });
  return Object.fromEntries(pairs) as unknown as SimulationFigures;
}

/** Ratios do not add up: they are made of the sums again. */
function withRatios(figures: SimulationFigures): SimulationFigures {
  const { completed, missed, paidSeconds, usefulSeconds, minimumSeconds, costUsd, noncesAccepted } = figures;
  const ratio = (value: number, by: number): number | null => (by > 0 ? rounded(value / by) : null);
  return {
    ...figures,
    missedPer1000: rounded((1_000 * missed) / Math.max(1, completed + missed)),
    paidOverUseful: ratio(paidSeconds, usefulSeconds),
    paidOverMinimum: ratio(paidSeconds, minimumSeconds),
    costUsdPer1000Nonces: ratio(1_000 * costUsd, noncesAccepted),
  };
}

const rounded = (value: number): number => Number(value.toFixed(3));
