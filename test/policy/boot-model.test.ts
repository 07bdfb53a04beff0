import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootModel, type BootRecord } from '../../src/policy/boot-model.ts';
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

  it('is the same over a grid as asked for step by step, own boots and weights included', () => {
    for (const modelGb of [0, 40])
      for (const known of [[], records(30, { loadMs: 400_000, afterMs: 90_000 })]) {
        const model = bootModel({ ...terms, modelGb }, known, unixMs(0));
        const table = model.table(slow, 15_000, 480);
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
