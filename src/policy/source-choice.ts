import type { BlockHeight, UnixMs } from '../units.ts';
import { addSample, estimateBlockTime, type HeadSample } from './block-time.ts';
import {
  blocksApart,
  isSameChain,
  isStepPlausible,
  noteLook,
  type SourceHead,
  type SourceTrack,
} from './source-track.ts';

/** What one look at one source brought. */
export interface SourceLook {
  readonly askedAt: UnixMs;
  /** Null = no answer that is a head. */
  readonly head: SourceHead | null;
}

/**
 * `following`: says what the chosen one says. `lagging`: the same chain, some blocks behind. `stale`: behind, and its
 * height moves no more. `halted`: stands still, as all others do. `lying`: a height or stages that cannot be.
 * `unreachable`: no answer, or none that is a head. `unknown`: nothing to compare it with.
 */
export type SourceStanding =
  | 'following'
  | 'lagging'
  | 'stale'
  | 'halted'
  | 'lying'
  | 'unreachable'
  | 'unknown';

/** What the choice remembers from look to look, of sources in their configured order. */
export interface SourceMemory {
  readonly tracks: readonly (SourceTrack | null)[];
  /** The head that was chosen last. */
  readonly good: GoodHead | null;
  readonly samples: readonly HeadSample[];
}

export interface GoodHead {
  readonly head: SourceHead;
  readonly askedAt: UnixMs;
  /** It is of the daemon's life before: it holds a single source to account, and gives way to what several say. */
  readonly isRemembered?: true;
}

export interface SourceChoice {
  /** Index of the source whose head counts; null = the last good head stays. */
  readonly chosen: number | null;
  /** Others say what the chosen one says. */
  readonly isAgreed: boolean;
  /** Of each source. */
  readonly standings: readonly SourceStanding[];
  readonly memory: SourceMemory;
}

export const noSourceMemory: SourceMemory = { tracks: [], good: null, samples: [] };

/** Sources of one chain are so many blocks apart at most while all is well. */
export const toleranceBlocks = 5;
/** Who merely lags is not so far behind: some five minutes. */
const farBlocks = 60;
/** A source that nobody contradicts is believed again when it has moved plausibly for so long after a leap. */
const steadyMs = 60_000;
/** One that was caught lying is believed again when nobody else has been credible for so long. */
const forgivenMs = 600_000;
/** A head of the life before counts for so long: longer than any machine lives without its daemon. */
const rememberedMs = 3_600_000;
/** Without a new height for this long a source stands still: some twenty blocks. */
const standsStillMs = 110_000;

/**
 * Which of several sources to believe. What a majority says within a few blocks counts, the newest of it. Where there is
 * none, the source counts whose height moved as blocks can from the last good head, the nearest to the measured block
 * time of several. The chosen height never falls: while nothing is credible, the last good head stays.
 */
export function chooseSource(memory: SourceMemory, looks: readonly SourceLook[], now: UnixMs): SourceChoice {
  const tracks = looks.map((look, index) => noteLook(memory.tracks[index] ?? null, look));
  const agreed = majority(memory, looks);
  const chosen = agreed ?? mostPlausible({ ...memory, tracks }, looks, now);
  const head = chosen === null ? null : (looks[chosen]?.head ?? null);
  const good = head === null || chosen === null ? memory.good : newGood(memory.good, head, looks[chosen]);
  const current = good?.isRemembered === true ? undefined : good?.head;
  const standings = looks.map((look, index) => standing(look, tracks[index] ?? null, current, now));
  return {
    chosen,
    isAgreed: agreed !== null,
    standings,
    memory: {
      good,
      samples: head === null ? memory.samples : addSample(memory.samples, head),
      tracks: tracks.map((track, index) => judged(track, standings[index], head !== null)),
    },
  };
}

/** The newest head that more than half of those that answered agree with, and two at least. */
function majority({ good }: SourceMemory, looks: readonly SourceLook[]): number | null {
  const heads = looks.flatMap(({ head }) => (head === null ? [] : [head]));
  const lowest = good === null || good.isRemembered === true ? 0 : good.head.height;
  const supporters = (head: SourceHead): number => heads.filter((other) => isAgreed(head, other)).length;
  return newest(looks, (head) => {
    const count = supporters(head);
    return count >= 2 && count > heads.length / 2 && head.height >= lowest;
  });
}

function mostPlausible(memory: SourceMemory, looks: readonly SourceLook[], now: UnixMs): number | null {
  const { samples, tracks } = memory;
  const isForgotten = memory.good?.isRemembered === true && now - memory.good.askedAt > rememberedMs;
  const good = isForgotten ? null : memory.good;
  const isDistrusted = (index: number): boolean => tracks[index]?.isDistrusted === true;
  const answered = looks.flatMap(({ head }, index) => (head === null ? [] : [{ head, index }]));
  const isAlone = looks.length > 1 && answered.length === 1;
  if (good === null) {
    // Nothing is remembered that would contradict a lie: one that answers alone has to be steady first.
    const isSteady = (index: number): boolean => now - (tracks[index]?.steadySince ?? now) >= steadyMs;
    return firstContact(isAlone ? answered.filter(({ index }) => isSteady(index)) : answered);
  }
  const ahead = answered.filter(({ head }) => head.height >= good.head.height);
  const expected = good.head.height + (now - good.askedAt) / estimateBlockTime(samples);
  // After a pause of unknown length much is possible that one source alone may not claim.
  const isFar = (head: SourceHead): boolean => Math.abs(head.height - expected) > farBlocks;
  const isHeldToAccount = isAlone && good.isRemembered === true;
  const plausible = ahead
    .filter(({ head, index }) => !isDistrusted(index) && follows(good, head))
    .filter(({ head }) => !isHeldToAccount || !isFar(head))
    .toSorted((a, b) => Math.abs(a.head.height - expected) - Math.abs(b.head.height - expected));
  if (plausible[0] !== undefined) return plausible[0].index;
  const isForgiven = now - good.askedAt > forgivenMs;
  // A leap that only one of several tells of is a lie more often than a chain that leapt while the others fell silent.
  const neededMs = isAlone ? forgivenMs : steadyMs;
  const believable = ahead.filter(
    ({ index }) =>
      (isForgiven || !isDistrusted(index)) && now - (tracks[index]?.steadySince ?? now) >= neededMs,
  );
  // The chain itself has leapt, or this host slept: true when nobody who may be believed says otherwise.
  const isContradicted = answered.some(
    ({ head, index }) => !isDistrusted(index) && believable.some((other) => !isAgreed(other.head, head)),
  );
  return isContradicted ? null : (believable[0]?.index ?? null);
}

/**
 * Sources fall behind more often than they run ahead; of two chains the one that the operator named first. Far apart,
 * the lower one counts: too late a height waits until others answer too, too early a one ends a PoC.
 */
function firstContact(answered: readonly { head: SourceHead; index: number }[]): number | null {
  const isOneChain = answered.every((one) => answered.every((other) => isSameChain(one.head, other.head)));
  if (!isOneChain) return answered[0]?.index ?? null;
  const rising = answered.toSorted((a, b) => a.head.height - b.head.height);
  const [lowest, highest] = [rising[0], rising.at(-1)];
  if (lowest === undefined || highest === undefined) return null;
  return highest.head.height - lowest.head.height > farBlocks ? lowest.index : highest.index;
}

const isAgreed = (a: SourceHead, b: SourceHead): boolean =>
  blocksApart(a, b) <= toleranceBlocks && isSameChain(a, b);

const follows = (good: { head: SourceHead; askedAt: UnixMs }, head: SourceHead): boolean =>
  isSameChain(good.head, head) && isStepPlausible(good.head.height, good.askedAt, head);

/** The moment counts at which a height was there first: a chain that stood still may then go on. */
function newGood(good: SourceMemory['good'], head: SourceHead, look: SourceLook | undefined): GoodHead {
  const isSame = good?.head.height === head.height;
  return { head, askedAt: isSame ? good.askedAt : (look?.askedAt ?? head.seenAt) };
}

function standing(
  { head }: SourceLook,
  track: SourceTrack | null,
  good: SourceHead | undefined,
  now: UnixMs,
): SourceStanding {
  if (head === null) return 'unreachable';
  if (good === undefined || track === null) return 'unknown';
  const stands = standsStill(track, now);
  if (!isSameChain(good, head) || head.height > good.height + toleranceBlocks) return 'lying';
  if (head.height >= good.height - toleranceBlocks) return stands ? 'halted' : 'following';
  return stands ? 'stale' : 'lagging';
}

const standsStill = ({ movedAt }: SourceTrack, now: UnixMs): boolean => now - movedAt > standsStillMs;

/** A source is caught by what another says; one that only leapt is not. */
function judged(
  track: SourceTrack | null,
  found: SourceStanding | undefined,
  isJudgeThere: boolean,
): SourceTrack | null {
  if (track === null || !isJudgeThere) return track;
  if (found === 'lying') return { ...track, isDistrusted: true };
  return found === 'following' || found === 'halted' ? { ...track, isDistrusted: false } : track;
}

function newest(looks: readonly SourceLook[], counts: (head: SourceHead) => boolean): number | null {
  let best: { index: number; height: BlockHeight } | null = null;
  for (const [index, { head }] of looks.entries())
    if (head !== null && counts(head) && (best === null || head.height > best.height))
      best = { index, height: head.height };
  return best?.index ?? null;
}
