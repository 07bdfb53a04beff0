import type { UnixMs } from '../units.ts';
import { afterEachOther, eitherPhase, fixedPhase, lognormalPhase, type Phase } from './boot-phases.ts';

/** What one rental taught about boots. */
export interface BootRecord {
  readonly at: UnixMs;
  readonly image: string;
  /** It became usable; false = it never did, and the machine was to blame; null = it was let go before that showed. */
  readonly isReady: boolean | null;
  readonly inetDownMbps: number;
  readonly reliability: number;
  /** From the create to a running container; null = not measured. */
  readonly loadMs: number | null;
  /** From the running container to `ready`; null = not measured. */
  readonly afterMs: number | null;
  /** It was let go so long after the create, not ready yet; null = it was not. */
  readonly atLeastMs: number | null;
}

/** What has to come over the line before a machine is ready. */
export interface BootTerms {
  readonly image: string;
  readonly imageGb: number;
  /** Weights that are fetched and loaded before `ready` (PoC v2); 0 = none (PoC v1 has no model file). */
  readonly modelGb: number;
}

/** The part of an offer that decides how it boots. */
export interface BootOffer {
  readonly inetDownMbps: number;
  readonly reliability: number;
}

/** F(t): how likely a fresh rental is ready within a time, by offer. */
export interface BootModel {
  /** P(ever usable). */
  usable(offer: BootOffer): number;
  /** P(ready within `ms` of the create), P(never) included: it ends at `usable`. */
  readyWithin(offer: BootOffer, ms: number): number;
  /** F over a grid: element i is P(ready within i × `stepMs`). */
  table(offer: BootOffer, stepMs: number, count: number): Float64Array;
  /** Time within which `share` of those that become usable are ready. */
  quantileMs(offer: BootOffer, share: number): number;
}

/** A record loses half of its weight in so long: hosts and lines change. */
const halfLifeMs = 14 * 86_400_000;
/** The prior counts as so many own rentals. */
const priorWeight = 8;
const recordsMax = 100;
/** Grid of the phases after the container runs. */
const gridMs = 5_000;
const gridCount = 480;

/**
 * The documented boot model (docs/reference/vast.md "Boot and failure parameters") for this image and line, replaced
 * by what own rentals measured as they come. Pure: the same records and instant give the same numbers.
 */
export function bootModel(terms: BootTerms, records: readonly BootRecord[], now: UnixMs): BootModel {
  const known = records
    .filter(({ image }) => image === terms.image)
    .slice(-recordsMax)
    .map((record) => ({ record, weight: 2 ** (-Math.max(0, now - record.at) / halfLifeMs) }));
  const tail = afterTable(terms, known);
  const tailSteps = tail.findIndex((share) => share > 1 - 1e-9);
  const tailMs = gridMs * (tailSteps < 0 ? gridCount : tailSteps);
  const ratios = known.flatMap(({ record, weight }) => {
    const ms = lineBoundMs(terms, record);
    return ms === null ? [] : [{ ratio: ms / 1_000 / typicalSeconds(terms, record), weight }];
  });
  const censored = known.flatMap(({ record, weight }) =>
    record.atLeastMs === null || lineBoundMs(terms, record) !== null
      ? []
      : [{ ratio: atLeastRatio(terms, record, record.atLeastMs), weight }],
  );
  const luck = usableFactor(known);
  const loads = new Map<number, Points>();
  const quantiles = new Map<string, number>();
  const loadOf = ({ inetDownMbps }: BootOffer): Points => {
    const line = lineClass(inetDownMbps);
    const known = loads.get(line);
    if (known !== undefined) return known;
    const points = blended(loadPrior(terms, line), typicalSeconds(terms, { inetDownMbps: line }), {
      ratios,
      censored,
    });
    loads.set(line, points);
    return points;
  };
  const conditional = (offer: BootOffer, ms: number): number => {
    const { afterMs, weights } = loadOf(offer);
    let sum = 0;
    for (let at = 0; at < weights.length; at++)
      sum += (weights[at] ?? 0) * atTime(tail, ms - (afterMs[at] ?? 0));
    return sum;
  };
  const usable = (offer: BootOffer): number => Math.min(0.99, usablePrior(offer) * luck);
  return {
    usable,
    readyWithin: (offer, ms) => usable(offer) * conditional(offer, ms),
    table: (offer, stepMs, count) => {
      const chance = usable(offer);
      const sums = new Float64Array(count);
      /** Of those whose container runs so early that all of them are ready from that step on. */
      const complete = new Float64Array(count + 1);
      const { afterMs, weights } = loadOf(offer);
      for (let point = 0; point < weights.length; point++) {
        const [loadMs, weight] = [afterMs[point] ?? 0, weights[point] ?? 0];
        const end = Math.min(count, Math.ceil((loadMs + tailMs) / stepMs));
        // Before it nothing is ready.
        for (let at = Math.floor(loadMs / stepMs); at < end; at++)
          sums[at] = (sums[at] ?? 0) + weight * atTime(tail, at * stepMs - loadMs);
        complete[end] = (complete[end] ?? 0) + weight;
      }
      for (let at = 0, before = 0; at < count; at++) {
        before += complete[at] ?? 0;
        sums[at] = (sums[at] ?? 0) + before;
      }
      return sums.map((sum) => chance * sum);
    },
    quantileMs: (offer, share) => {
      const key = `${lineClass(offer.inetDownMbps)} ${share}`;
      const known = quantiles.get(key);
      if (known !== undefined) return known;
      let [low, high] = [0, 12 * 3_600_000];
      while (high - low > 1_000) {
        const middle = (low + high) / 2;
        if (conditional(offer, middle) < share) low = middle;
        else high = middle;
      }
      quantiles.set(key, high);
      return high;
    },
  };
}

/** How long what depends on the line takes when nothing is odd, seconds: the yardstick of what was measured. */
export const typicalSeconds = (
  { imageGb, modelGb }: Pick<BootTerms, 'imageGb' | 'modelGb'>,
  { inetDownMbps }: Pick<BootOffer, 'inetDownMbps'>,
): number =>
  12 +
  ((imageGb + modelGb) * 8_000) / (Math.max(1, inetDownMbps) * 0.45) +
  imageGb / 0.15 +
  (modelGb > 0 ? 175 : 0);

/** What is beyond it may be time that a destroy took, not the boot: so much it was at least, in any case. */
const atLeastRatioMax = 2;

const atLeastRatio = (terms: BootTerms, record: BootRecord, ms: number): number =>
  Math.min(atLeastRatioMax, ms / 1_000 / typicalSeconds(terms, record));

/** Until the container runs; with weights to fetch until the machine is ready, because they take most of it. */
const lineBoundMs = ({ modelGb }: BootTerms, { loadMs, afterMs }: BootRecord): number | null =>
  modelGb === 0 || loadMs === null ? loadMs : afterMs === null ? null : loadMs + afterMs;

/** Shares of the line that a pull gets; the mean is 0.45, and one host in twenty crawls. */
const lineShares = [0.19, 0.29, 0.36, 0.43, 0.49, 0.55, 0.64];

const pull = (gb: number, inetDownMbps: number): Phase => {
  const seconds = (share: number): number => (gb * 8_000) / (inetDownMbps * share);
  return eitherPhase(
    [0.95, lineShares.map((share) => ({ seconds: seconds(share), weight: 1 / lineShares.length }))],
    [0.05, fixedPhase(seconds(0.03))],
  );
};

const sshPhases = [lognormalPhase(15, 60), lognormalPhase(8, 30), fixedPhase(10)];

/** Lines that differ by less than a tenth are one. */
const lineClass = (inetDownMbps: number): number =>
  Math.exp(Math.round(10 * Math.log(Math.max(1, inetDownMbps))) / 10);

/** The documented distributions, each reckoned once: they depend on sizes and line alone. */
const priors = new Map<string, Phase>();
const priorsMax = 500;

function loadPrior(terms: BootTerms, inetDownMbps: number): Phase {
  const key = `${terms.imageGb} ${terms.modelGb} ${inetDownMbps}`;
  const known = priors.get(key);
  if (known !== undefined) return known;
  if (priors.size >= priorsMax) priors.clear();
  const prior = documentedLoad(terms, inetDownMbps);
  priors.set(key, prior);
  return prior;
}

function documentedLoad({ imageGb, modelGb }: BootTerms, inetDownMbps: number): Phase {
  const extract = fixedPhase(imageGb / 0.15);
  const load = afterEachOther(
    lognormalPhase(1.6, 8),
    lognormalPhase(8, 40),
    eitherPhase([0.25, lognormalPhase(20, 40)], [0.75, afterEachOther(pull(imageGb, inetDownMbps), extract)]),
    // The list is looked at every ten seconds.
    fixedPhase(5),
  );
  if (modelGb === 0) return load;
  return afterEachOther(load, ...sshPhases, pull(modelGb, inetDownMbps), lognormalPhase(140, 400));
}

/** Share of rentals that become usable, by the tiers of the documented model. */
function usablePrior({ reliability }: BootOffer): number {
  const stuck = reliability >= 0.99 ? 0.06 : reliability >= 0.95 ? 0.12 : 0.35;
  return (1 - stuck) * (1 - 0.03) * (1 - 0.04) * (1 - 0.04);
}

type Weighed = readonly { readonly record: BootRecord; readonly weight: number }[];

/** How much better or worse own rentals did than the documented share. */
function usableFactor(known: Weighed): number {
  let [ready, expected] = [priorWeight, priorWeight];
  for (const { record, weight } of known) {
    if (record.isReady === null) continue;
    expected += weight * usablePrior(record);
    if (record.isReady) ready += weight;
  }
  return ready / expected;
}

/** A phase as two columns: they are added up tens of thousands of times for one plan. */
interface Points {
  readonly afterMs: Float64Array;
  readonly weights: Float64Array;
}

/** Times as multiples of what is typical for the line. */
type Ratios = readonly { readonly ratio: number; readonly weight: number }[];

/**
 * Own measurements beside the prior. A machine that was let go while it loaded took at least that long: leaving it out
 * would make boots look faster than they are, because it is the slow ones that lose a race. Its weight goes to whatever
 * took longer (Kaplan and Meier's estimate, by redistribution to the right).
 */
function blended(
  prior: Phase,
  typicalSeconds: number,
  { ratios, censored }: { readonly ratios: Ratios; readonly censored: Ratios },
): Points {
  const timed = (own: Ratios, isCensored: boolean) =>
    own.map(({ ratio, weight }) => ({ seconds: ratio * typicalSeconds, weight, isCensored }));
  const points = [
    ...prior.map(({ seconds, weight }) => ({ seconds, weight: weight * priorWeight, isCensored: false })),
    ...timed(ratios, false),
    ...timed(censored, true),
  ].toSorted((a, b) => a.seconds - b.seconds);
  const [afterMs, weights] = [new Float64Array(points.length), new Float64Array(points.length)];
  let left = points.reduce((sum, { weight }) => sum + weight, 0);
  let share = 1 / left;
  for (const [at, { seconds, weight, isCensored }] of points.entries()) {
    const after = left - weight;
    afterMs[at] = 1_000 * seconds;
    // Longer than all that is known: nothing to give its weight to.
    if (isCensored && after > 1e-9) share *= left / after;
    else weights[at] = weight * share;
    left = after;
  }
  return { afterMs, weights };
}

/** Cumulative distribution of the phases after the container runs, on the grid. */
function afterTable({ modelGb }: BootTerms, known: Weighed): Float64Array {
  const mass = new Float64Array(gridCount);
  const add = (seconds: number, weight: number): void => {
    // A clock that was set back makes a time negative.
    const at = Math.min(gridCount - 1, Math.max(0, Math.ceil((1_000 * seconds) / gridMs)));
    mass[at] = (mass[at] ?? 0) + weight;
  };
  if (modelGb > 0) {
    add(0, 1);
  } else {
    const measured = known.flatMap(({ record, weight }) =>
      record.afterMs === null ? [] : [{ seconds: record.afterMs / 1_000, weight }],
    );
    const all = priorWeight + measured.reduce((sum, { weight }) => sum + weight, 0);
    for (const { seconds, weight } of afterEachOther(...sshPhases))
      add(seconds, (weight * priorWeight) / all);
    for (const { seconds, weight } of measured) add(seconds, weight / all);
  }
  let sum = 0;
  return mass.map((weight) => (sum += weight));
}

const atTime = (table: Float64Array, ms: number): number =>
  ms < 0 ? 0 : (table[Math.min(table.length - 1, Math.floor(ms / gridMs))] ?? 1);
