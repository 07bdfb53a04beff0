import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootModel, type BootRecord, typicalSeconds } from '../../src/policy/boot-model.ts';
import { unixMs } from '../../src/units.ts';

const terms = { image: 'mlnode', imageGb: 12, modelGb: 0 };
const fast = { inetDownMbps: 4_000, reliability: 0.995 };
const slow = { inetDownMbps: 500, reliability: 0.995 };
const dayMs = 86_400_000;
const record = (more: Partial<BootRecord> = {}): BootRecord => ({
  at: unixMs(0),
  image: 'mlnode',
  isReady: true,
  inetDownMbps: 1_000,
  reliability: 0.995,
  loadMs: 100_000,
  afterMs: 20_000,
  atLeastMs: null,
  ...more,
});
const records = (count: number, more: Partial<BootRecord> = {}) =>
  Array.from({ length: count }, () => record(more));

describe('the boot model', () => {
  it('has the documented medians: some three minutes on a fast line, some nine on a slow one', () => {
    const model = bootModel(terms, [], unixMs(0));
    expect(model.quantileMs(fast, 0.5) / 60_000).toBeCloseTo(3.2, 0);
    expect(model.quantileMs(slow, 0.5) / 60_000).toBeCloseTo(8.8, 0);
  });

  it('ends at the share of the tier that becomes usable at all', () => {
    const model = bootModel(terms, [], unixMs(0));
    const share = (reliability: number) => model.readyWithin({ ...fast, reliability }, 10 * 3_600_000);
    expect(share(0.995)).toBeCloseTo(0.84, 2);
    expect(share(0.96)).toBeCloseTo(0.787, 2);
    expect(share(0.9)).toBeCloseTo(0.581, 2);
  });

  it('follows own boots, as multiples of what is typical for the line', () => {
    const quick = bootModel(terms, records(40, { loadMs: 30_000 }), unixMs(0));
    const lame = bootModel(terms, records(40, { loadMs: 900_000 }), unixMs(0));
    const prior = bootModel(terms, [], unixMs(0)).readyWithin(fast, 180_000);
    expect(quick.readyWithin(fast, 180_000)).toBeGreaterThan(prior + 0.2);
    expect(lame.readyWithin(fast, 180_000)).toBeLessThan(prior - 0.2);
  });

  it('follows own failures, and forgets them with time', () => {
    const failed = records(30, { isReady: false, loadMs: null, afterMs: null });
    const now = bootModel(terms, failed, unixMs(0)).usable(fast);
    const later = bootModel(terms, failed, unixMs(120 * dayMs)).usable(fast);
    expect(now).toBeLessThan(0.3);
    expect(later).toBeGreaterThan(0.8);
  });

  it('counts a machine that was let go while it loaded as one that took longer, not as none', () => {
    const won = records(10, { loadMs: 120_000 });
    const lost = records(20, { isReady: null, loadMs: null, afterMs: null, atLeastMs: 130_000 });
    const [winners, all] = [bootModel(terms, won, unixMs(0)), bootModel(terms, [...won, ...lost], unixMs(0))];
    const usual = { inetDownMbps: 1_000, reliability: 0.995 };
    expect(all.quantileMs(usual, 0.5)).toBeGreaterThan(1.2 * winners.quantileMs(usual, 0.5));
    expect(all.readyWithin(usual, 150_000)).toBeLessThan(0.7 * winners.readyWithin(usual, 150_000));
    expect(all.usable(usual)).toBe(winners.usable(usual));
    expect(all.readyWithin(usual, 12 * 3_600_000)).toBeCloseTo(all.usable(usual), 6);
  });

  it('does not take a destroy that lasted for hours for a boot that did', () => {
    const boots = records(10, { loadMs: 300_000 });
    const after = (ms: number) => {
      const lost = records(5, { isReady: null, loadMs: null, afterMs: null, atLeastMs: ms });
      return bootModel(terms, [...boots, ...lost], unixMs(0)).quantileMs(fast, 0.9);
    };
    expect(after(12 * 3_600_000)).toBe(after(700_000));
  });

  it('learns of one that ran already when it was let go how long it had loaded', () => {
    const ran = records(20, { isReady: null, loadMs: 30_000, afterMs: null, atLeastMs: 60_000 });
    const usual = { inetDownMbps: 1_000, reliability: 0.995 };
    const prior = bootModel(terms, [], unixMs(0)).quantileMs(usual, 0.5);
    expect(bootModel(terms, ran, unixMs(0)).quantileMs(usual, 0.5)).toBeLessThan(prior - 60_000);
  });

  it('is the same over a grid as asked for step by step, own boots, weights and a clock that was set back included', () => {
    for (const modelGb of [0, 40])
      for (const known of [
        [],
        records(30, { loadMs: 400_000, afterMs: 90_000 }),
        records(30, { afterMs: -20_000 }),
      ]) {
        const model = bootModel({ ...terms, modelGb }, known, unixMs(0));
        const table = model.table(slow, 15_000, 480);
        expect(table[0]).toBe(0);
        for (const [at, share] of table.entries())
          expect(share).toBeCloseTo(model.readyWithin(slow, at * 15_000), 9);
      }
  });

  it('learns nothing from another image', () => {
    const others = records(40, { image: 'other', loadMs: 1_000 });
    expect(bootModel(terms, others, unixMs(0)).quantileMs(fast, 0.5)).toBe(
      bootModel(terms, [], unixMs(0)).quantileMs(fast, 0.5),
    );
  });

  it('gives a record half of its weight after two weeks, and a future one no more than all of it', () => {
    const failed = (at: number, count: number) =>
      records(count, { at: unixMs(at), isReady: false, loadMs: null, afterMs: null });
    const usable = (all: readonly BootRecord[], now: number) =>
      bootModel(terms, all, unixMs(now)).usable(fast);
    const now = 1_000 * dayMs;
    expect(usable(failed(now - 14 * dayMs, 20), now)).toBeCloseTo(usable(failed(now, 10), now), 9);
    expect(usable(failed(now + 14 * dayMs, 10), now)).toBe(usable(failed(now, 10), now));
  });

  it('learns from the last hundred boots of the image', () => {
    const failed = records(100, { isReady: false });
    expect(bootModel(terms, [...failed, ...records(100)], unixMs(0)).usable(fast)).toBe(
      bootModel(terms, records(100), unixMs(0)).usable(fast),
    );
  });

  it('weighs a success by what the tier promises: one of a poor host tells more than one of a good host', () => {
    const usable = (reliability: number) =>
      bootModel(terms, records(10, { reliability }), unixMs(0)).usable(slow);
    expect(usable(0.9)).toBeGreaterThan(usable(0.96));
    expect(usable(0.96)).toBeGreaterThan(usable(0.995));
    expect([usable(0.99), usable(0.95)]).toEqual([usable(0.995), usable(0.96)]);
  });

  it('follows how long own machines took from the running container to ready', () => {
    const median = (afterMs: number | null) =>
      bootModel(terms, records(60, { afterMs }), unixMs(0)).quantileMs(fast, 0.5);
    expect(median(600_000)).toBeGreaterThan(median(20_000) + 300_000);
    // None was measured: the documented one.
    expect(median(null)).toBeLessThan(median(600_000));
    expect(median(null)).toBeGreaterThan(median(1_000));
  });

  it('takes a machine that was never let go for no proof of anything', () => {
    const unknown = records(30, { isReady: null, loadMs: null, afterMs: null });
    const [before, after] = [bootModel(terms, [], unixMs(0)), bootModel(terms, unknown, unixMs(0))];
    expect(after.quantileMs(slow, 0.9)).toBe(before.quantileMs(slow, 0.9));
    expect(after.usable(slow)).toBe(before.usable(slow));
  });

  it('with weights to fetch learns from the whole way to ready, and from no half of it', () => {
    const large = { ...terms, modelGb: 100 };
    const usual = { inetDownMbps: 1_000, reliability: 0.995 };
    const median = (more: Partial<BootRecord>) =>
      bootModel(large, records(60, more), unixMs(0)).quantileMs(usual, 0.5);
    const documented = bootModel(large, [], unixMs(0)).quantileMs(usual, 0.5);
    expect(median({ loadMs: 60_000, afterMs: 540_000 })).toBeLessThan(documented / 2);
    expect(median({ loadMs: 540_000, afterMs: 60_000 })).toBe(median({ loadMs: 60_000, afterMs: 540_000 }));
    expect(median({ loadMs: 60_000, afterMs: null })).toBe(documented);
    expect(median({ loadMs: null, afterMs: 540_000 })).toBe(documented);
  });

  it('has a yardstick of the way of the image and the weights: the line, the disk, and the start of the model', () => {
    const line = { inetDownMbps: 1_000 };
    expect(typicalSeconds({ imageGb: 0, modelGb: 0 }, line)).toBe(12);
    expect(typicalSeconds({ imageGb: 9, modelGb: 0 }, line)).toBeCloseTo(12 + 160 + 60);
    expect(typicalSeconds({ imageGb: 9, modelGb: 90 }, line)).toBeCloseTo(12 + 1_760 + 60 + 175);
    expect(typicalSeconds({ imageGb: 9, modelGb: 0 }, { inetDownMbps: 500 })).toBeCloseTo(12 + 320 + 60);
  });

  it('takes hours for the weights of a large model', () => {
    const model = bootModel({ ...terms, modelGb: 230 }, [], unixMs(0));
    expect(model.quantileMs({ inetDownMbps: 2_000, reliability: 1 }, 0.5)).toBeGreaterThan(30 * 60_000);
  });

  it('is a distribution: it rises from 0 to at most 1, and a faster line is never slower', () => {
    const model = bootModel(terms, records(5), unixMs(0));
    const anyOffer = fc.record({
      inetDownMbps: fc.double({ min: 50, max: 10_000, noNaN: true }),
      reliability: fc.double({ min: 0.5, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(anyOffer, fc.nat(7_200_000), fc.nat(7_200_000), (any, one, other) => {
        const [early, late] = [Math.min(one, other), Math.max(one, other)];
        expect(model.readyWithin(any, early)).toBeLessThanOrEqual(model.readyWithin(any, late) + 1e-9);
        expect(model.readyWithin(any, late)).toBeLessThanOrEqual(1);
        const faster = { ...any, inetDownMbps: 2 * any.inetDownMbps };
        expect(model.readyWithin(faster, late)).toBeGreaterThanOrEqual(model.readyWithin(any, late) - 0.02);
      }),
    );
  });
});
