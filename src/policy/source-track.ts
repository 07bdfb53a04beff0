import type { BlockHeight, UnixMs } from '../units.ts';

/** What the choice among sources reads of a head. */
export interface SourceHead {
  readonly height: BlockHeight;
  readonly seenAt: UnixMs;
  readonly latestEpochIndex: number;
  readonly current: { readonly pocStartHeight: BlockHeight };
  readonly next: { readonly pocStartHeight: BlockHeight };
}

/** How one source's own height has moved. */
export interface SourceTrack {
  readonly height: BlockHeight;
  /** When the question was asked that this height answered first. */
  readonly askedAt: UnixMs;
  /** When it was seen to grow last, or was seen first. */
  readonly movedAt: UnixMs;
  /** Since then it has moved as blocks can, with no leap. */
  readonly steadySince: UnixMs;
  /** It was caught lying, and has not agreed with the chosen head since. */
  readonly isDistrusted: boolean;
}

/** No chain of this kind is faster (docs/reference/protocol.md "Block time": 5.3 s; 2 s is what is physically plausible). */
const blockMsMin = 2_000;
/** Blocks that may come at once behind a slow answer. */
const slackBlocks = 3;

/** A track after another look; a silent source keeps the one it has. */
export function noteLook(
  track: SourceTrack | null,
  { askedAt, head }: { readonly askedAt: UnixMs; readonly head: SourceHead | null },
): SourceTrack | null {
  if (head === null) return track;
  const { height, seenAt } = head;
  if (track === null) return { height, askedAt, movedAt: seenAt, steadySince: seenAt, isDistrusted: false };
  if (height === track.height) return track;
  const isSteady = height > track.height && isStepPlausible(track.height, track.askedAt, head);
  return {
    ...track,
    height,
    askedAt,
    movedAt: height > track.height ? seenAt : track.movedAt,
    steadySince: isSteady ? track.steadySince : seenAt,
  };
}

/**
 * Whether the chain can have come from `height`, which was there when `askedAt` was, to that head: never backwards, and
 * no faster than blocks can be made. The time between the first question and the second answer is the longest it had.
 */
export function isStepPlausible(height: BlockHeight, askedAt: UnixMs, head: SourceHead): boolean {
  const blocks = head.height - height;
  return blocks >= 0 && blocks <= (head.seenAt - askedAt) / blockMsMin + slackBlocks;
}

export const blocksApart = (a: SourceHead, b: SourceHead): number => Math.abs(a.height - b.height);

/** Whether two heads can be of one chain: the same stages, at whatever heights. */
export function isSameChain(a: SourceHead, b: SourceHead): boolean {
  const [early, late] = a.latestEpochIndex <= b.latestEpochIndex ? [a, b] : [b, a];
  const epochs = late.latestEpochIndex - early.latestEpochIndex;
  if (epochs === 0)
    return (
      early.current.pocStartHeight === late.current.pocStartHeight &&
      early.next.pocStartHeight === late.next.pocStartHeight
    );
  if (epochs === 1) return early.next.pocStartHeight === late.current.pocStartHeight;
  return early.next.pocStartHeight < late.current.pocStartHeight;
}
