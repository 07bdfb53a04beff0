import { describe, expect, it } from 'vitest';
import type { SourceMemory } from '../../src/policy/source-choice.ts';
import type { SourceHead } from '../../src/policy/source-track.ts';
import { blockHeight, unixMs } from '../../src/units.ts';
import { after, last, lookedAt, startsAt, times, told, trueHeight } from './told-heads.ts';

/** The true stages with another height. */
const off = (at: number, blocks: number): SourceHead => ({
  ...told(at),
  height: blockHeight(trueHeight(at) + blocks),
});
const minuteMs = 60_000;

describe('agreement', () => {
  it('is that of more than half, and two at least', () => {
    const pairs = [
      told(startsAt),
      told(startsAt),
      told(startsAt, { shift: 9 }),
      told(startsAt, { shift: 9 }),
    ];
    expect(last(lookedAt([{ ms: 0, says: pairs }]))).toMatchObject({ chosen: 0, isAgreed: false });
    expect(last(lookedAt([{ ms: 0, says: [...pairs, told(startsAt)] }])).isAgreed).toBe(true);
    expect(last(lookedAt([{ ms: 0, says: [told(startsAt)] }])).isAgreed).toBe(false);
    expect(last(lookedAt([{ ms: 0, says: [null, null] }])).isAgreed).toBe(false);
  });

  it('is five blocks wide, for what counts and for what is said of a source', () => {
    const of = (blocks: number) => last(after(1, 2, (at) => [told(at), off(at, blocks)]));
    expect(of(5)).toMatchObject({ chosen: 1, isAgreed: true });
    expect(of(6)).toMatchObject({ chosen: 0, isAgreed: false, standings: ['following', 'lying'] });
    const third = (blocks: number) =>
      last(after(1, 3, (at) => [told(at), told(at), off(at, blocks)])).standings[2];
    expect([third(-5), third(-6)]).toEqual(['following', 'lagging']);
  });

  it('holds while the chain stands still', () => {
    const found = after(30, 2, () => [told(startsAt + 195_000), told(startsAt + 195_000)]);
    expect(last(found)).toMatchObject({ isAgreed: true, standings: ['halted', 'halted'] });
  });
});

describe('where nobody agrees', () => {
  it.each([[[0, 8]], [[8, 0]], [[-4, 8]], [[8, -4]]])(
    'the height counts that is nearest to what the block time makes of the last one: %j blocks off',
    (blocks) => {
      const at = startsAt + 5 * minuteMs;
      const honest = times(40).map((ms) => ({ ms, says: [told(startsAt + ms), told(startsAt + ms)] }));
      const found = lookedAt([...honest, { ms: 5 * minuteMs, says: blocks.map((by) => off(at, by)) }]);
      expect(last(found).chosen).toBe(blocks.indexOf(Math.min(...blocks)));
    },
  );

  it('one that was caught is not followed when it is alone, until nobody was credible for ten minutes', () => {
    const found = after(240, 2, (at, look) => (look < 20 ? [told(at), off(at, 40)] : [null, off(at, 40)]));
    const chosen = found.slice(60).map((choice) => choice.chosen);
    // Long before, its height is one that the chain can have reached.
    expect(chosen.indexOf(1) * 5_000).toBeGreaterThan(9.5 * minuteMs);
    expect(chosen.indexOf(1) * 5_000).toBeLessThan(11 * minuteMs);
    expect(last(found).chosen).toBe(1);
  });

  it('one that was caught stays so while it lags, and is trusted when it stands where a halted chain does', () => {
    const isCaught = (says: (at: number) => SourceHead) => {
      const found = after(80, 3, (at, look) => [
        told(Math.min(at, startsAt + 300_000)),
        told(Math.min(at, startsAt + 300_000)),
        look < 20 ? off(at, 300) : says(Math.min(at, startsAt + 300_000)),
      ]);
      return last(found).memory.tracks[2]?.isDistrusted;
    };
    expect(isCaught((at) => off(at, -20))).toBe(true);
    expect(isCaught((at) => off(at, 0))).toBe(false);
  });

  it('a leap is not believed that another one contradicts, however long it lasts', () => {
    const stuck = told(startsAt + 150_000);
    const found = after(60, 2, (at) => [told(at, { shift: 2_000 }), stuck]);
    expect(found.slice(41).every(({ chosen }) => chosen === null)).toBe(true);
    expect(last(found).height).toBe(trueHeight(startsAt + 195_000));
  });

  it('a leap is believed after a minute when all tell of it', () => {
    const found = after(30, 1, (at) => [told(at, { shift: 2_000 })]);
    const chosen = found.slice(40).map((choice) => choice.chosen);
    expect(chosen.indexOf(0)).toBe(12);
  });
});

describe('the memory of the last good head', () => {
  it('keeps the moment at which a height was asked for first, so that a chain may go on after a halt', () => {
    const found = after(61, 1, (at, look) => [
      look < 60 ? { ...told(startsAt + 195_000), seenAt: unixMs(at) } : { ...told(at), seenAt: unixMs(at) },
    ]);
    expect(found.at(-2)?.memory.good?.askedAt).toBe(startsAt + 195_000 - 50);
    expect(last(found)).toMatchObject({ chosen: 0, height: trueHeight(startsAt + 500_000) });
  });

  it('measures the block time by heads that were chosen, and by no others', () => {
    const found = after(20, 2, (at) => [told(at, { shift: 2_000 }), null]);
    expect(found[39]?.memory.samples.length).toBeGreaterThan(20);
    expect(last(found).memory.samples).toEqual(found[39]?.memory.samples);
  });
});

describe('a head of the life before', () => {
  const remembered: SourceMemory = {
    tracks: [],
    good: { head: told(startsAt), askedAt: unixMs(startsAt), isRemembered: true },
    samples: [],
  };
  const first = (ms: number, says: (at: number) => readonly (SourceHead | null)[]) =>
    last(lookedAt([{ ms, says: says(startsAt + ms) }], remembered));

  it('holds one of several that answers alone to account: it may be sixty blocks from what is expected', () => {
    const alone = (blocks: number) => first(20 * minuteMs, (at) => [null, off(at, blocks)]).chosen;
    expect([alone(0), alone(50), alone(-50), alone(70), alone(-70)]).toEqual([1, 1, 1, null, null]);
  });

  it('does not hold the only source to account for a pause of unknown length', () => {
    expect(first(20 * minuteMs, (at) => [off(at, 100)]).chosen).toBe(0);
    expect(first(20 * minuteMs, (at) => [off(at, 100), off(at, 300)]).chosen).toBe(0);
  });

  it('gives way to what several say, even when they are behind it', () => {
    const found = first(minuteMs, () => [told(startsAt, { behind: 40 }), told(startsAt, { behind: 40 })]);
    expect(found).toMatchObject({ chosen: 0, isAgreed: true, height: trueHeight(startsAt) - 40 });
    expect(found.memory.good?.isRemembered).toBeUndefined();
  });

  it('does not fall when one alone is behind it, and calls nobody a liar by itself', () => {
    const found = first(minuteMs, () => [null, told(startsAt, { shift: 2_000 })]);
    expect(found).toMatchObject({ chosen: null, standings: ['unreachable', 'unknown'] });
    expect(first(minuteMs, () => [null, told(startsAt, { behind: 40 })])).toMatchObject({
      chosen: null,
      height: trueHeight(startsAt),
    });
  });

  it('counts for an hour', () => {
    const only = (ms: number) => first(ms, (at) => [told(at, { shift: 500 })]).chosen;
    expect([only(60 * minuteMs), only(60 * minuteMs + 1)]).toEqual([null, 0]);
  });
});
