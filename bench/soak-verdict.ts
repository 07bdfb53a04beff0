import { median, type Point, robustSlope } from './statistics.ts';

/** A rise over the judged time that counts as flat, whichever is more: of the level at its begin, or megabytes. */
const toleratedShare = 0.05;
const toleratedMbMin = 8;
/** The first part of a run fills caches, pools and the young generation; it is not judged. */
const settlingShare = 1 / 3;

export interface SoakVerdict {
  readonly isFlat: boolean;
  /** Median resident memory of the judged time. */
  readonly rssMb: number;
  /** What the line through the samples gains over the judged time (Theil–Sen, so single peaks do not tilt it). */
  readonly riseMb: number;
  readonly riseMbPerHour: number;
  readonly toleratedMb: number;
}

/** Judges samples of resident memory in MB over real seconds. Throws a RangeError for less than six. */
export function verdictOfSoak(samples: readonly Point[]): SoakVerdict {
  const judged = samples.slice(Math.floor(samples.length * settlingShare));
  const [first, last] = [judged[0], judged.at(-1)];
  if (samples.length < 6 || first === undefined || last === undefined)
    throw new RangeError('too few samples');
  const perSecond = robustSlope(judged);
  const rssMb = median(judged.map(({ y }) => y));
  const riseMb = perSecond * (last.x - first.x);
  const tolerated = Math.max(toleratedMbMin, (rssMb - riseMb / 2) * toleratedShare);
  return {
    isFlat: riseMb <= tolerated,
    rssMb: tenths(rssMb),
    riseMb: tenths(riseMb),
    riseMbPerHour: tenths(perSecond * 3_600),
    toleratedMb: tenths(tolerated),
  };
}

const tenths = (value: number): number => Math.round(value * 10) / 10;
