import { describe, expect, it } from 'vitest';
import {
  isSameChain,
  isStepPlausible,
  noteLook,
  type SourceHead,
  type SourceTrack,
} from '../../src/policy/source-track.ts';
import { blockHeight, unixMs } from '../../src/units.ts';

const head = (height: number, seenAt: number, more: Partial<SourceHead> = {}): SourceHead => ({
  height: blockHeight(height),
  seenAt: unixMs(seenAt),
  latestEpochIndex: 7,
  current: { pocStartHeight: blockHeight(1_000) },
  next: { pocStartHeight: blockHeight(2_000) },
  ...more,
});
const look = (height: number, askedAt: number) => ({
  askedAt: unixMs(askedAt),
  head: head(height, askedAt + 50),
});

describe('a step of a chain', () => {
  const isPlausible = (blocks: number, ms: number) =>
    isStepPlausible(blockHeight(100), unixMs(0), head(100 + blocks, ms));

  it('is a block every two seconds at most, and three more at once', () => {
    expect([isPlausible(3, 0), isPlausible(4, 0), isPlausible(4, 2_000)]).toEqual([true, false, true]);
    expect([isPlausible(33, 60_000), isPlausible(34, 60_000)]).toEqual([true, false]);
  });

  it('may be none, and never goes back', () => {
    expect([isPlausible(0, 60_000), isPlausible(-1, 60_000)]).toEqual([true, false]);
  });
});

describe('the track of a source', () => {
  const first = noteLook(null, look(100, 0)) as SourceTrack;

  it('begins with the first head, and trusts it', () => {
    expect(first).toEqual({ height: 100, askedAt: 0, movedAt: 50, steadySince: 50, isDistrusted: false });
  });

  it('stays as it is while the source is silent or says the same', () => {
    expect(noteLook(first, { askedAt: unixMs(9_000), head: null })).toBe(first);
    expect(noteLook(first, look(100, 9_000))).toBe(first);
    expect(noteLook(null, { askedAt: unixMs(0), head: null })).toBeNull();
  });

  it('is steady while the height moves as blocks can, and remembers the distrust', () => {
    expect(noteLook({ ...first, isDistrusted: true }, look(101, 5_000))).toEqual({
      height: 101,
      askedAt: 5_000,
      movedAt: 5_050,
      steadySince: 50,
      isDistrusted: true,
    });
  });

  it('is steady anew after a leap, and after a step back, which moves nothing', () => {
    expect(noteLook(first, look(200, 5_000))).toMatchObject({ movedAt: 5_050, steadySince: 5_050 });
    expect(noteLook(first, look(99, 5_000))).toMatchObject({ height: 99, movedAt: 50, steadySince: 5_050 });
  });
});

describe('two heads', () => {
  const epoch = (latestEpochIndex: number, current: number, next: number) =>
    head(1_500, 0, {
      latestEpochIndex,
      current: { pocStartHeight: blockHeight(current) },
      next: { pocStartHeight: blockHeight(next) },
    });
  const here = epoch(7, 1_000, 2_000);

  it.each([
    ['the same stages', epoch(7, 1_000, 2_000), true],
    ['another start of the same epoch', epoch(7, 1_001, 2_000), false],
    ['another start of the epoch to come', epoch(7, 1_000, 2_001), false],
    ['the epoch that was to come', epoch(8, 2_000, 3_000), true],
    ['another start of the epoch that was to come', epoch(8, 2_001, 3_000), false],
    ['a later epoch that begins later', epoch(9, 3_000, 4_000), true],
    ['a later epoch that begins too early', epoch(9, 2_000, 4_000), false],
    ['the epoch before', epoch(6, 0, 1_000), true],
    ['an epoch before that ended elsewhere', epoch(6, 0, 999), false],
  ])('are of one chain by their stages alone: %s', (_, other, isSame) => {
    expect(isSameChain(here, other)).toBe(isSame);
    expect(isSameChain(other, here)).toBe(isSame);
  });
});
