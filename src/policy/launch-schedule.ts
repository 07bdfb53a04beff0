/** What the launches of one PoC are weighed against. Money in dollars, times in seconds. */
export interface ScheduleTerms {
  /** F on a grid of `stepSeconds`: element i is P(a fresh rental is ready within i steps). */
  readonly readyWithin: Float64Array;
  readonly stepSeconds: number;
  /** Traffic and disk of one launch that another one beats. */
  readonly launchUsd: number;
  /** A ready machine that waits. */
  readonly waitUsdPerHour: number;
  /** What the whole PoC is worth. */
  readonly pocUsd: number;
  /** From `poc_start` to the last height at which a machine is still started. */
  readonly graceSeconds: number;
  /** Length of the generation: who comes late loses that share of it. */
  readonly generationSeconds: number;
  readonly launchesMax: number;
  /** Fixed first lead (`POC_PREP_TIME`); absent = chosen. */
  readonly leadSeconds?: number;
  /** Earlier than this before `poc_start` nothing can begin. */
  readonly leadMaxSeconds: number;
}

export interface LaunchSchedule {
  /** Seconds before `poc_start`, falling; the later ones happen only while no machine is ready. Never empty. */
  readonly leadsSeconds: readonly number[];
  /** No machine in time. */
  readonly missChance: number;
  /** Ready at `poc_start`. */
  readonly readyChance: number;
  readonly expectedLaunches: number;
  /** Of a ready machine before `poc_start`. */
  readonly expectedWaitSeconds: number;
  /** Launches, waiting, and what a late or missing machine loses. */
  readonly expectedUsd: number;
}

/**
 * When to launch for one PoC, by exact arithmetic over a small grid of first leads and first intervals. A further launch
 * happens only while none of those before is ready, so with independent boots every figure is a closed sum over
 * Q(t) = Π (1 − F(t − launch)). The cheapest sum of launches, waiting and loss wins.
 */
export function chooseSchedule(terms: ScheduleTerms): LaunchSchedule {
  const leads =
    terms.leadSeconds === undefined
      ? leadsSeconds.filter((lead) => lead <= terms.leadMaxSeconds)
      : [terms.leadSeconds];
  let best: LaunchSchedule | undefined;
  for (const lead of leads.length === 0 ? [terms.leadMaxSeconds] : leads) {
    // Whatever follows it, the first launch alone costs so much.
    if (best !== undefined && leastUsd(terms, lead) > best.expectedUsd) continue;
    for (const interval of intervalsSeconds) {
      const launches = launchesFrom(terms, lead, interval);
      const schedule = weighed(terms, launches);
      if (best === undefined || schedule.expectedUsd < best.expectedUsd) best = schedule;
      // Where a second launch comes too late, it does so at every longer interval.
      if (launches.length === 1) break;
    }
  }
  return best as LaunchSchedule;
}

/** Of any schedule that begins so early: one launch, and the waiting of its machine. */
function leastUsd(terms: ScheduleTerms, lead: number): number {
  const { stepSeconds, launchUsd, waitUsdPerHour } = terms;
  let waitSeconds = 0;
  for (let at = -lead + stepSeconds / 2; at < 0; at += stepSeconds)
    waitSeconds += chance(terms, at + lead) * stepSeconds;
  // A hair less, so that rounding leaves out nothing that is as good.
  return (launchUsd + (waitSeconds / 3_600) * waitUsdPerHour) * (1 - 1e-9);
}

const geometric = (first: number, last: number, factor: number): number[] => {
  const values = [];
  for (let value = first; value <= last; value *= factor) values.push(Math.round(value / 15) * 15);
  return values;
};
/** Two minutes to six hours. */
const leadsSeconds = geometric(120, 21_600, 1.17);
const intervalsSeconds = geometric(60, 3_600, 1.5);

/** Launches that follow each other faster than this would be waiting for the one before at the provider. */
const intervalSecondsMin = 30;

/**
 * Each interval is half of the one before: the first machines are given time to make a further one unnecessary, and
 * the last ones, which hardly ever happen, all while they can still be of use.
 */
function launchesFrom(terms: ScheduleTerms, lead: number, firstInterval: number): number[] {
  const launches = [lead];
  let interval = firstInterval;
  for (let next = lead - interval; launches.length < terms.launchesMax; next -= interval) {
    if (chance(terms, next + terms.graceSeconds) < 0.05) break;
    launches.push(next);
    interval = Math.max(intervalSecondsMin, interval / 2);
  }
  return launches;
}

/** All figures of one schedule. */
export function weighed(terms: ScheduleTerms, leads: readonly number[]): LaunchSchedule {
  const { readyWithin, stepSeconds, graceSeconds, generationSeconds, launchUsd, waitUsdPerHour, pocUsd } =
    terms;
  const last = readyWithin.length - 1;
  const first = leads[0] ?? 0;
  /** P(no machine is ready) at so many seconds after `poc_start` (before it: negative). */
  const none = (at: number): number => {
    let product = 1;
    for (let launch = 0; launch < leads.length; launch++) {
      const steps = Math.floor((at + (leads[launch] ?? 0)) / stepSeconds);
      // Launched later, and so all further ones.
      if (steps < 0) break;
      product *= 1 - (readyWithin[Math.min(last, steps)] ?? 0);
    }
    return product;
  };
  let waitSeconds = 0;
  for (let at = -first + stepSeconds / 2; at < 0; at += stepSeconds)
    waitSeconds += (1 - none(at)) * stepSeconds;
  let lateShare = 0;
  for (let at = stepSeconds / 2; at < graceSeconds; at += stepSeconds)
    lateShare += (none(at) * Math.min(stepSeconds, graceSeconds)) / generationSeconds;
  const missChance = none(graceSeconds);
  const expectedLaunches = leads.reduce((sum, lead) => sum + none(-lead), 0);
  const lossUsd =
    pocUsd * Math.min(1, lateShare + missChance * Math.max(0, 1 - graceSeconds / generationSeconds));
  return {
    leadsSeconds: leads,
    missChance,
    readyChance: 1 - none(0),
    expectedLaunches,
    expectedWaitSeconds: waitSeconds,
    // A missed PoC loses all of it, whatever share of the generation is left when that is known.
    expectedUsd:
      expectedLaunches * launchUsd +
      (waitSeconds / 3_600) * waitUsdPerHour +
      Math.max(lossUsd, pocUsd * missChance),
  };
}

function chance({ readyWithin, stepSeconds }: ScheduleTerms, seconds: number): number {
  if (seconds <= 0) return 0;
  const last = readyWithin.length - 1;
  return readyWithin[Math.min(last, Math.floor(seconds / stepSeconds))] ?? 0;
}
