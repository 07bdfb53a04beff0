import type { Random } from '../random.ts';
import type { OfferRow } from './offer.ts';

/** How a boot ends when nothing intervenes. */
export type BootEnd = 'runs' | 'neverBoots' | 'ociFails' | 'imageMissing' | 'intendedStopped';

/** Everything that chance decides about one rental, drawn once at creation. Durations in world milliseconds. */
export interface BootPlan {
  /** Until lists and show know the instance. */
  readonly visibleAfterMs: number;
  /** `actual_status` null until then. */
  readonly createdAfterMs: number;
  /** From `created` to `loading`. */
  readonly loadingAfterMs: number;
  readonly imageCached: boolean;
  /** Fetching the image; 0 when it is cached. */
  readonly pullMs: number;
  /** Share of the line's rate that downloads get on this machine. */
  readonly usedShare: number;
  /** Unpacking it and starting the container. */
  readonly extractMs: number;
  readonly end: BootEnd;
  /** After the container began to run; undefined = it is never lost. */
  readonly loss: { readonly afterMs: number; readonly as: 'exited' | 'offline' } | undefined;
  /** From the accepted destroy until the instance is off the list. */
  readonly destroyMs: number;
}

export interface BootTerms {
  readonly offer: OfferRow;
  readonly imageGb: number;
  /** Factor on every probability of a mishap: 1 = as documented, 0 = none. */
  readonly accidents: number;
  readonly slowness: number;
  /**
   * Probability that a rental never becomes usable, in place of the documented ones: half of these fail at once and
   * unbilled, three in ten hang while loading; the rest is a machine whose GPU does not work, and not drawn here.
   */
  readonly hostFailure?: number | undefined;
  /** Factor on the probability that it never leaves `loading`, as in a correlated bad hour. Default 1. */
  readonly stuckTimes?: number;
}

/** Source: docs/reference/vast.md "Numbers for a simulator". Ordinary variation of the delays is always there. */
export function drawBootPlan(random: Random, options: BootTerms): BootPlan {
  const { offer, imageGb, accidents, slowness, hostFailure, stuckTimes = 1 } = options;
  const beforeLoadingMs = 1000 * random.lognormal(8, 40) * slowness;
  const imageCached = random.chance(0.25);
  // Only the mean is documented; this spread reproduces the documented boot times (test/simulation/calibration.test.ts).
  const usedShare = random.chance(0.05 * accidents)
    ? 0.03
    : Math.min(0.9, Math.max(0.1, 0.45 + 0.18 * random.normal()));
  const pullSeconds = (imageGb * 8000) / (offer.inet_down * usedShare);
  return {
    visibleAfterMs: random.between(0, 5_000),
    createdAfterMs: beforeLoadingMs / 2,
    loadingAfterMs: beforeLoadingMs / 2,
    imageCached,
    usedShare,
    pullMs: imageCached ? 0 : 1000 * pullSeconds * slowness,
    extractMs: imageCached ? 1000 * random.lognormal(20, 40) * slowness : (1000 * imageGb * slowness) / 0.15,
    end:
      hostFailure === undefined
        ? drawEnd(random, offer.reliability2, accidents, stuckTimes)
        : forced(random, hostFailure, stuckTimes),
    loss: drawLoss(random, accidents, hostFailure === undefined),
    destroyMs: Math.min(60_000, 1000 * random.lognormal(6, 20)),
  };
}

function drawEnd(random: Random, reliability: number, accidents: number, stuckTimes: number): BootEnd {
  const never = reliability >= 0.99 ? 0.06 : reliability >= 0.95 ? 0.12 : 0.35;
  if (random.chance(never * accidents * stuckTimes)) return 'neverBoots';
  return random.chance(0.015 * accidents) ? 'ociFails' : 'runs';
}

function forced(random: Random, hostFailure: number, stuckTimes: number): BootEnd {
  const draw = random.next();
  if (draw < 0.5 * hostFailure) return 'ociFails';
  return draw < (0.5 + 0.3 * stuckTimes) * hostFailure ? 'neverBoots' : 'runs';
}

/** Half of the 3 % that fail at the start exit soon after it; later losses come at 0.4 % an hour. */
function drawLoss(random: Random, accidents: number, atOnceToo: boolean): BootPlan['loss'] {
  if (random.chance(atOnceToo ? 0.015 * accidents : 0))
    return { afterMs: random.between(1_000, 20_000), as: 'exited' };
  const hazardPerMs = (0.004 * accidents) / 3_600_000;
  const afterMs = hazardPerMs > 0 ? -Math.log(1 - random.next()) / hazardPerMs : Infinity;
  if (afterMs === Infinity) return undefined;
  return { afterMs, as: random.chance(0.5) ? 'exited' : 'offline' };
}
