import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toleranceBlocks } from '../../src/policy/source-choice.ts';
import type { SourceHead } from '../../src/policy/source-track.ts';
import { blockHeight, unixMs } from '../../src/units.ts';
import { after, last, lookedAt, startsAt, times, told, trueHeight } from './told-heads.ts';

/** The same stages, and a height that they have not reached. */
const aheadBy = (blocks: number): SourceHead => {
  const head = told(startsAt);
  return { ...head, height: blockHeight(head.height + blocks) };
};

describe('which of several sources is believed', () => {
  it('takes the newest of those that agree', () => {
    const found = lookedAt([
      { ms: 0, says: [told(startsAt, { behind: 2 }), told(startsAt), told(startsAt, { behind: 4 })] },
    ]);
    expect(last(found)).toMatchObject({ chosen: 1, standings: ['following', 'following', 'following'] });
  });

  it.each([
    ['lags', (at: number) => told(at, { behind: 20 }), 'lagging'],
    [
      'runs ahead of its chain',
      (at: number) => ({ ...told(at), height: blockHeight(trueHeight(at) + 300) }),
      'lying',
    ],
    ['moves every stage', (at: number) => told(at, { shift: 500 }), 'lying'],
    [
      'has another epoch at the same height',
      (at: number) => ({ ...told(at), latestEpochIndex: 203 }),
      'lying',
    ],
    ['is silent', () => null, 'unreachable'],
    ['is stuck', () => told(startsAt + 195_000), 'stale'],
  ])('follows the two others while the first %s, and says so', (_, says, standing) => {
    const found = after(40, 3, (at) => [says(at), told(at), told(at)]);
    expect(last(found).standings).toEqual([standing, 'following', 'following']);
    for (const [look, { height }] of found.entries())
      expect(height).toBe(trueHeight(startsAt + look * 5_000));
  });

  it.each([
    ['ahead', (at: number) => ({ ...told(at), height: blockHeight(trueHeight(at) + 40) })],
    ['shifted', (at: number) => told(at, { shift: 500 })],
  ])('with two that disagree keeps to the one that moves as blocks do: %s', (_, lie) => {
    const found = after(400, 2, (at) => [lie(at), told(at)]);
    for (const [look, { height }] of found.entries())
      expect(height).toBe(trueHeight(startsAt + look * 5_000));
    expect(last(found).standings).toEqual(['lying', 'following']);
  });

  it('does not fall for a liar when the other one goes silent', () => {
    const lie = (at: number): SourceHead => told(at, { shift: 500 });
    const found = after(60, 2, (at, look) => [lie(at), look < 20 ? told(at) : null]);
    expect(last(found).chosen).toBeNull();
    expect(last(found).height).toBe(trueHeight(startsAt + 59 * 5_000));
  });

  it('believes a liar again once it says what the others say', () => {
    const found = after(40, 2, (at, look) => [told(at, { shift: look < 20 ? 500 : 0 }), told(at)]);
    expect(last(found).standings).toEqual(['following', 'following']);
    expect(last(found).memory.tracks.map((track) => track?.isDistrusted)).toEqual([false, false]);
  });

  it('tells a chain that halts from a source that does', () => {
    const stoppedAt = startsAt + 195_000;
    const found = after(40, 3, () => [told(stoppedAt), told(stoppedAt), told(stoppedAt)]);
    expect(last(found).standings).toEqual(['halted', 'halted', 'halted']);
    expect(last(found).chosen).not.toBeNull();
  });

  it('follows a chain that goes on after it stood still', () => {
    const stoppedAt = startsAt + 195_000;
    const found = after(60, 2, (at, look) => {
      const seen = look < 50 ? stoppedAt : at - 250_000;
      return [told(seen), told(seen)].map((head) => ({ ...head, seenAt: unixMs(at) }));
    });
    expect(last(found)).toMatchObject({ chosen: 0, standings: ['following', 'following'] });
  });

  it('keeps the last good head while a single source leaps, and follows it when it goes on from there', () => {
    const found = after(30, 1, (at) =>
      [told(at + 3_600_000)].map((head) => ({ ...head, seenAt: unixMs(at) })),
    );
    expect(found[40]).toMatchObject({ chosen: null });
    expect(found[41]?.height).toBe(trueHeight(startsAt + 39 * 5_000));
    expect(last(found)).toMatchObject({ chosen: 0, standings: ['following'] });
  });

  it('at first contact takes the newest of one chain, and of two chains the one named first', () => {
    const [behind, ahead] = [told(startsAt, { behind: 30 }), told(startsAt)];
    expect(lookedAt([{ ms: 0, says: [behind, ahead] }])[0]?.chosen).toBe(1);
    expect(lookedAt([{ ms: 0, says: [ahead, told(startsAt, { shift: 9 })] }])[0]?.chosen).toBe(0);
  });

  it('at first contact believes one that answers alone only when it was steady for a minute', () => {
    const alone = lookedAt(times(14).map((ms) => ({ ms, says: [null, told(startsAt + ms), null] })));
    expect(alone.map(({ chosen }) => chosen)).toEqual([...Array.from({ length: 12 }, () => null), 1, 1]);
    const liar = lookedAt([
      { ms: 0, says: [null, told(startsAt, { shift: 2_000 }), null] },
      { ms: 5_000, says: [told(startsAt), told(startsAt, { shift: 2_000 }), told(startsAt)] },
    ]);
    expect(liar.map(({ chosen }) => chosen)).toEqual([null, 0]);
    const only = lookedAt([{ ms: 0, says: [told(startsAt)] }]);
    expect(last(only).chosen).toBe(0);
  });

  it('at first contact takes the lower of two that are far apart: too early a height would end a PoC', () => {
    const [first] = lookedAt([{ ms: 0, says: [null, told(startsAt), aheadBy(2_000)] }]);
    expect(first?.chosen).toBe(1);
    const [near] = lookedAt([{ ms: 0, says: [null, told(startsAt, { behind: 30 }), told(startsAt)] }]);
    expect(near?.chosen).toBe(2);
    const chosen = (...says: SourceHead[]) => lookedAt([{ ms: 0, says }])[0]?.chosen;
    expect([chosen(aheadBy(60), told(startsAt)), chosen(aheadBy(61), told(startsAt))]).toEqual([0, 1]);
  });

  it('does not believe a leap for ten minutes that one of three tells of while the others are silent', () => {
    const seen = after(150, 3, (at) => [null, told(at, { shift: 2_000 }), null]);
    const before = seen[39]?.height;
    expect(seen.slice(40, 155).every(({ height }) => height === before)).toBe(true);
    expect(last(seen).height).toBeGreaterThan((before ?? 0) + 2_000);
  });

  it('knows nothing while nobody answers', () => {
    expect(lookedAt([{ ms: 0, says: [null, null] }])[0]).toMatchObject({
      chosen: null,
      standings: ['unreachable', 'unreachable'],
    });
  });
});

/** Anything that a source may say: truth, delay, lies of both kinds, silence. */
const saying = fc.oneof(
  fc.constant({ kind: 'truth' as const, by: 0 }),
  fc.record({ kind: fc.constant('behind' as const), by: fc.integer({ min: 0, max: 400 }) }),
  fc.record({ kind: fc.constant('ahead' as const), by: fc.integer({ min: 1, max: 20_000 }) }),
  fc.record({ kind: fc.constant('shifted' as const), by: fc.integer({ min: 1, max: 20_000 }) }),
  fc.constant({ kind: 'silent' as const, by: 0 }),
);
type Saying = Parameters<Parameters<typeof saying.map>[0]>[0];

function said({ kind, by }: Saying, at: number): SourceHead | null {
  if (kind === 'silent') return null;
  if (kind === 'shifted') return told(at, { shift: by });
  if (kind === 'ahead') return { ...told(at), height: blockHeight(trueHeight(at) + by) };
  return told(at, { behind: by });
}

const pauses = fc.array(fc.integer({ min: 1_000, max: 300_000 }), { minLength: 1, maxLength: 40 });
const timesOf = (waits: readonly number[]): readonly number[] => {
  let ms = 0;
  return waits.map((wait) => (ms += wait));
};

describe('whatever sources say', () => {
  it('the chosen height never falls', () => {
    const lives = fc.array(
      fc.record({ waitMs: fc.integer({ min: 1_000, max: 300_000 }), says: fc.tuple(saying, saying, saying) }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(lives, (life) => {
        let ms = 0;
        const found = lookedAt(
          life.map(({ waitMs, says }) => {
            ms += waitMs;
            return { ms, says: says.map((each) => said(each, startsAt + ms)) };
          }),
        );
        const heights = found.flatMap(({ height }) => (height === null ? [] : [height]));
        expect(heights).toEqual(heights.toSorted((a, b) => a - b));
        for (const { chosen, standings } of found)
          if (chosen !== null) expect(['following', 'halted']).toContain(standings[chosen]);
      }),
      { numRuns: 300 },
    );
  });

  it('one of three, whatever it says and whenever it changes its mind, moves the head by no more than the tolerance', () => {
    const looks = pauses.chain((waits) =>
      fc.tuple(
        fc.constant(timesOf(waits)),
        fc.array(saying, { minLength: waits.length, maxLength: waits.length }),
        fc.integer({ min: 0, max: 2 }),
      ),
    );
    fc.assert(
      fc.property(looks, ([at, says, who]) => {
        const found = lookedAt(
          at.map((ms, index) => {
            const heads: (SourceHead | null)[] = [
              told(startsAt + ms),
              told(startsAt + ms),
              told(startsAt + ms),
            ];
            heads[who] = said(says[index] as Saying, startsAt + ms);
            return { ms, says: heads };
          }),
        );
        for (const [index, { height, standings }] of found.entries()) {
          const truth = trueHeight(startsAt + (at[index] ?? 0));
          expect(Number(height) - truth).toBeGreaterThanOrEqual(0);
          expect(Number(height) - truth).toBeLessThanOrEqual(toleranceBlocks);
          for (const honest of [0, 1, 2].filter((each) => each !== who))
            expect(['following', 'halted']).toContain(standings[honest]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('one of two that lies from some moment on is not followed, and the other one is', () => {
    const lies = saying.filter(({ kind, by }) => kind !== 'truth' && by > toleranceBlocks);
    fc.assert(
      fc.property(lies, fc.integer({ min: 0, max: 1 }), (lie, who) => {
        const found = after(60, 2, (at) =>
          who === 0 ? [said(lie, at), told(at)] : [told(at), said(lie, at)],
        );
        for (const [look, { height }] of found.entries())
          expect(height).toBe(trueHeight(startsAt + look * 5_000));
      }),
      { numRuns: 200 },
    );
  });
});
