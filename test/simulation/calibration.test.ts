import { describe, expect, it } from 'vitest';
import { drawMachineMishap } from '../../src/simulation/machine-mishaps.ts';
import { Random } from '../../src/world/random.ts';
import { drawBootPlan } from '../../src/world/vast/boot-plan.ts';
import { drawOffer, type OfferRow } from '../../src/world/vast/offer.ts';

/** The terms of the published tables: 12 GB image, 15 GB of weights, the tier of 0.99, a floor of 500 Mb/s. */
const imageGb = 12;
const weightsGb = 15;
const runs = 80_000;

/** Minutes from the create to a machine that can be used; Infinity when it never can. */
function bootMinutes(random: Random, offer: OfferRow): number {
  const createMs = 1_000 * random.lognormal(1.6, 8);
  const plan = drawBootPlan(random, { offer, imageGb, accidents: 1, slowness: 1 });
  if (plan.end !== 'runs') return Infinity;
  // Later losses are not in the tables; an exit right at the start is.
  if (plan.loss !== undefined && plan.loss.afterMs <= 20_000) return Infinity;
  const mishaps = drawMachineMishap(random, { accidents: 1, hostFailure: undefined });
  if (mishaps.includes('gpuBroken') || mishaps.filter((name) => name.endsWith('Broken')).length > 1)
    return Infinity;
  const containerMs = plan.createdAfterMs + plan.loadingAfterMs + plan.pullMs + plan.extractMs;
  const sshMs = random.lognormal(15_000, 60_000) + random.lognormal(8_000, 30_000);
  const weightsMs = (1_000 * weightsGb * 8_000) / (offer.inet_down * plan.usedShare);
  const modelMs = 1_000 * random.lognormal(140, 400);
  return (createMs + containerMs + sshMs + weightsMs + modelMs) / 60_000;
}

function offerOf(random: Random): OfferRow {
  const drawn = drawOffer(random, 1, 1);
  return { ...drawn, reliability2: 0.995, inet_down: Math.max(500, random.lognormal(900, 4_000)) };
}

const random = new Random(2_026);
const singles = Array.from({ length: runs }, () => bootMinutes(random, offerOf(random)));
const share = (values: readonly number[], minutes: number): number =>
  values.filter((value) => value <= minutes).length / values.length;
const pairs = singles.slice(0, runs / 2).map((one, at) => Math.min(one, singles[at + runs / 2] ?? Infinity));

describe('the model of a boot (docs/reference/vast.md "Boot and failure parameters")', () => {
  it.each([
    [5, 0.03],
    [10, 0.25],
    [15, 0.46],
    [20, 0.61],
    [30, 0.75],
    [40, 0.78],
    [60, 0.79],
    [1e9, 0.84],
  ])('has a single machine usable within %d minutes in a share of %f', (minutes, expected) => {
    expect(Math.abs(share(singles, minutes) - expected)).toBeLessThanOrEqual(0.03);
  });

  it.each([
    [5, 0.06],
    [10, 0.45],
    [15, 0.71],
    [20, 0.85],
    [30, 0.94],
    [40, 0.95],
    [60, 0.96],
    [1e9, 0.97],
  ])('has the better of two usable within %d minutes in a share of %f', (minutes, expected) => {
    expect(Math.abs(share(pairs, minutes) - expected)).toBeLessThanOrEqual(0.03);
  });
});

it.each([
  [24, 0.908],
  [168, 0.511],
  [720, 0.056],
])(
  'loses running machines at 0.4 %% an hour, however long they run: after %d hours %f are left',
  (hours, left) => {
    const plans = Array.from({ length: runs }, () =>
      drawBootPlan(random, { offer: offerOf(random), imageGb, accidents: 1, slowness: 1, hostFailure: 0 }),
    );
    const kept = plans.filter(({ loss }) => (loss?.afterMs ?? Infinity) > hours * 3_600_000);
    expect(Math.abs(kept.length / runs - left)).toBeLessThanOrEqual(0.015);
  },
);
