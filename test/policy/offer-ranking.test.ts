import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RankedOffer, rankOffers, trafficUsd } from '../../src/policy/offer-ranking.ts';
import { microUsdPerHour } from '../../src/units.ts';

const offer = (offerId: number, more: Partial<RankedOffer> = {}): RankedOffer => ({
  offerId,
  machineId: 100 + offerId,
  price: microUsdPerHour(400_000),
  inetDownMbps: 1_000,
  inetDownUsdPerGb: 0,
  inetUpUsdPerGb: 0,
  reliability: 0.995,
  ...more,
});
const needs = { rentalMs: 3_600_000, downloadGb: 12, excludedMachineIds: [] };
const order = (...offers: RankedOffer[]): number[] => rankOffers(offers, needs).map(({ offerId }) => offerId);

describe('the ranking of offers', () => {
  it('puts the cheapest whole rental first', () => {
    const cheap = microUsdPerHour(300_000);
    expect(order(offer(1), offer(2, { price: cheap }))).toEqual([2, 1]);
  });

  it('counts the traffic of the image, which can cost more than the GPU', () => {
    const cheap = microUsdPerHour(300_000);
    expect(order(offer(1, { price: cheap, inetDownUsdPerGb: 0.02 }), offer(2))).toEqual([2, 1]);
    expect(trafficUsd(offer(1, { inetDownUsdPerGb: 0.02 }), 12)).toBeCloseTo(0.24);
  });

  it('prefers the machine that is likely to boot, by its reliability and its line', () => {
    const cheaper = microUsdPerHour(360_000);
    expect(order(offer(1, { price: cheaper, reliability: 0.9 }), offer(2))).toEqual([2, 1]);
    expect(order(offer(1, { price: cheaper, inetDownMbps: 200 }), offer(2))).toEqual([2, 1]);
    expect(order(offer(1, { price: cheaper, reliability: 0.96 }), offer(2))).toEqual([1, 2]);
  });

  it('leaves out machines that failed before, and falls back on the offer id between equals', () => {
    const ranked = rankOffers([offer(3), offer(2), offer(1)], { ...needs, excludedMachineIds: [102] });
    expect(ranked.map(({ offerId }) => offerId)).toEqual([1, 3]);
  });

  it('invents and loses nothing, and never ranks a dearer equal first', () => {
    const offers = fc.uniqueArray(
      fc.record({ offerId: fc.nat(1_000), machineId: fc.nat(20), price: fc.nat(5_000_000) }),
      { selector: ({ offerId }) => offerId },
    );
    fc.assert(
      fc.property(offers, fc.array(fc.nat(20)), (any, excludedMachineIds) => {
        const given = any.map(({ offerId, machineId, price }) =>
          offer(offerId, { machineId, price: microUsdPerHour(price) }),
        );
        const ranked = rankOffers(given, { ...needs, excludedMachineIds });
        const kept = given.filter(({ machineId }) => !excludedMachineIds.includes(machineId));
        expect(new Set(ranked)).toEqual(new Set(kept));
        expect(ranked.map(({ price }) => price)).toEqual(
          kept.map(({ price }) => price).toSorted((a, b) => a - b),
        );
      }),
    );
  });
});
