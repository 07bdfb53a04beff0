/** Quantile points of one phase: how long it takes, seconds, and how likely. Weights add up to one. */
export type Phase = readonly { readonly seconds: number; readonly weight: number }[];

/** Probabilities at whose middles a distribution is cut into equal pieces, and their normal scores. */
const scores7 = [-1.465, -0.792, -0.366, 0, 0.366, 0.792, 1.465];

/** A lognormal phase by its median and 95th percentile, seconds, as seven equal pieces. */
export function lognormalPhase(medianSeconds: number, p95Seconds: number): Phase {
  const sigma = Math.log(p95Seconds / medianSeconds) / 1.645;
  return scores7.map((score) => ({
    seconds: medianSeconds * Math.exp(sigma * score),
    weight: 1 / scores7.length,
  }));
}

/** A phase that always takes the same, seconds. */
export const fixedPhase = (seconds: number): Phase => [{ seconds, weight: 1 }];

/** One of several phases, each with its probability. */
export const eitherPhase = (...branches: readonly (readonly [probability: number, phase: Phase])[]): Phase =>
  branches.flatMap(([probability, phase]) =>
    phase.map(({ seconds, weight }) => ({ seconds, weight: weight * probability })),
  );

/** One phase after the other, independent of each other. */
export const afterEachOther = (...phases: readonly Phase[]): Phase =>
  phases.reduce<Phase>(
    (sum, phase) =>
      thinned(
        sum.flatMap((first) =>
          phase.map((second) => ({
            seconds: first.seconds + second.seconds,
            weight: first.weight * second.weight,
          })),
        ),
      ),
    fixedPhase(0),
  );

/** Points kept of a sum: enough for a tail of one in a hundred, few enough to add up thousands of times. */
const pointsMax = 60;

/** Neighbouring points become their mean, so that sums of sums stay small. */
function thinned(points: Phase): Phase {
  const inOrder = points.toSorted((a, b) => a.seconds - b.seconds);
  if (inOrder.length <= pointsMax) return inOrder;
  const total = inOrder.reduce((sum, { weight }) => sum + weight, 0);
  const kept: { seconds: number; weight: number }[] = [];
  let [weight, moment] = [0, 0];
  for (const point of inOrder) {
    weight += point.weight;
    moment += point.weight * point.seconds;
    if (weight < total / pointsMax) continue;
    kept.push({ seconds: moment / weight, weight });
    [weight, moment] = [0, 0];
  }
  if (weight > 0) kept.push({ seconds: moment / weight, weight });
  return kept;
}
