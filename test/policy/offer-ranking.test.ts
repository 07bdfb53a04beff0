import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootModel } from '../../src/policy/boot-model.ts';
import {
  type RankedOffer,
  rankOffers,
  type RankingNeeds,
  trafficUsd,
  usefulShare,
} from '../../src/policy/offer-ranking.ts';
import { microUsd, microUsdPerHour, unixMs } from '../../src/units.ts';

const minuteMs = 60_000;
const price = (usd: number) => microUsdPerHour(Math.round(usd * 1e6));
const priced = (usd: number) => ({ price: price(usd), gpuPrice: price(usd - 0.01), diskPrice: price(0.01) });
const offer = (offerId: number, more: Partial<RankedOffer> = {}): RankedOffer => ({
  offerId,
  machineId: 100 + offerId,
  gpuName: 'L40S',
  gpuCount: 1,
  gpuRamMb: 46_068,
  ...priced(0.4),
  inetDownMbps: 1_000,
  inetDownUsdPerGb: 0,
  inetUpUsdPerGb: 0,
  reliability: 0.995,
  ...more,
});
const needs: RankingNeeds = {
  rentalMs: 40 * minuteMs,
  tailMs: 15 * minuteMs,
  downloadGb: 12,
  usefulness: { readyByMs: 20 * minuteMs, graceMs: 4 * minuteMs, generationMs: 5 * minuteMs },
  boot: bootModel({ image: 'a', imageGb: 12, modelGb: 0 }, [], unixMs(0)),
  nonces: [],
  trust: new Map(),
  excludedMachineIds: [],
  failureUsd: 0.1,
  pocUsd: 20,
  reservationMax: microUsd(10_000_000),
};
const order = (offers: readonly RankedOffer[], more: Partial<RankingNeeds> = {}): number[] =>
  rankOffers(offers, { ...needs, ...more })
    .filter(({ rejection }) => rejection === null)
    .map((row) => row.offer.offerId);

describe('the ranking of offers', () => {
  it('puts the cheapest whole rental first', () => {
    expect(order([offer(1), offer(2, priced(0.3))])).toEqual([2, 1]);
  });

  it('counts the traffic of the image, which can cost more than the GPU', () => {
    expect(order([offer(1, { ...priced(0.3), inetDownUsdPerGb: 0.02 }), offer(2)])).toEqual([2, 1]);
    expect(trafficUsd(offer(1, { inetDownUsdPerGb: 0.02 }), 12)).toBeCloseTo(0.24);
  });

  it('prefers the machine that is likely to boot, by its reliability and its line', () => {
    expect(order([offer(1, { ...priced(0.36), reliability: 0.9 }), offer(2)])).toEqual([2, 1]);
    expect(order([offer(1, { ...priced(0.36), inetDownMbps: 200 }), offer(2)])).toEqual([2, 1]);
  });

  it('takes the fast line when PoC is near, whatever it costs', () => {
    const [slow, fast] = [
      offer(1, { ...priced(0.3), inetDownMbps: 300 }),
      offer(2, { ...priced(0.5), inetDownMbps: 4_000 }),
    ];
    const near = { ...needs.usefulness, readyByMs: 2 * minuteMs };
    expect(order([slow, fast], { usefulness: near })[0]).toBe(2);
  });

  it('goes by the cost of a nonce: the machine with two groups of GPUs may cost nearly twice as much', () => {
    const double = offer(1, { gpuCount: 2, ...priced(0.7) });
    expect(order([double, offer(2)])).toEqual([1, 2]);
  });

  it('keeps room for further machines when the caps are near, and takes the better one while they are far', () => {
    const dear = offer(1, { ...priced(0.75), gpuCount: 2 });
    const modest = offer(2, priced(0.42));
    expect(order([dear, modest], { reservationMax: microUsd(20_000_000) })).toEqual([1, 2]);
    expect(order([dear, modest], { reservationMax: microUsd(900_000) })).toEqual([2, 1]);
  });

  it('multiplies the chance of a machine by the trust that is left in it', () => {
    const offers = [offer(1, priced(0.38)), offer(2)];
    expect(order(offers)).toEqual([1, 2]);
    expect(order(offers, { trust: new Map([[101, 0.5]]) })).toEqual([2, 1]);
  });

  it('reckons with the hours from poc_start on, with the doubt about the boot before, with disk, and with traffic', () => {
    // Half of the boots take ten minutes, nine of ten half an hour.
    const boot = {
      usable: () => 0.5,
      readyWithin: () => 0.5,
      table: () => new Float64Array(1),
      quantileMs: (_: unknown, share: number) => (share < 0.5 ? 10 : 30) * minuteMs,
    };
    const prices = { price: price(0.8), gpuPrice: price(0.6), diskPrice: price(0.2), inetDownUsdPerGb: 0.01 };
    const usd = (readyByMs: number | null) =>
      rankOffers([offer(1, prices)], {
        ...needs,
        boot,
        rentalMs: 60 * minuteMs,
        usefulness: { ...needs.usefulness, readyByMs },
      })[0]?.expectedUsd;
    expect(usd(20 * minuteMs)).toBeCloseTo(0.5 * 0.6 * ((40 + 20) / 60) + 0.2 + 0.12);
    expect(usd(90 * minuteMs)).toBeCloseTo(0.5 * 0.6 * (20 / 60) + 0.2 + 0.12);
    expect(usd(-5 * minuteMs)).toBeCloseTo(0.5 * 0.6 * (80 / 60) + 0.2 + 0.12);
    expect(usd(null)).toBeCloseTo(0.5 * 0.6 * (80 / 60) + 0.2 + 0.12);
  });

  it('scores by the dollars that a usual machine’s nonces cost, failures included', () => {
    const [row] = rankOffers([offer(1)], { ...needs, failureUsd: 3, pocUsd: 0 });
    const { expectedUsd, usefulShare: share, noncesPerHour } = row!;
    expect(row?.score).toBeCloseTo(((expectedUsd + (1 - share) * 3) * 480) / (share * noncesPerHour));
  });

  it('counts a late machine for the rest of the generation that it sees', () => {
    const readyAfter = (ms: number) => ({
      usable: () => 0.7,
      readyWithin: (_: unknown, within: number) => (within >= ms ? 1 : 0),
      table: () => new Float64Array(1),
      quantileMs: () => ms,
    });
    const share = (ms: number, more: Partial<RankingNeeds['usefulness']> = {}) =>
      usefulShare(offer(1), { boot: readyAfter(ms), usefulness: { ...needs.usefulness, ...more } });
    const quarter = minuteMs / 4;
    expect(share(20 * minuteMs)).toBeCloseTo(1);
    // Four minutes of grace in quarters: of five minutes the first, the second … are lost.
    expect(share(21 * minuteMs)).toBeCloseTo(4 / 5);
    expect(share(23 * minuteMs)).toBeCloseTo(2 / 5);
    expect(share(24 * minuteMs - quarter)).toBeCloseTo(1 / 5);
    expect(share(24 * minuteMs)).toBeCloseTo(1 / 5);
    expect(share(24 * minuteMs + 1)).toBe(0);
    expect(share(21 * minuteMs, { readyByMs: null })).toBe(0.7);
  });

  it('does not take what would hardly be ready, and takes what fits into the caps to the last micro-dollar', () => {
    const [row] = rankOffers([offer(1)], needs);
    const rejection = (more: Partial<RankingNeeds>) =>
      rankOffers([offer(1)], { ...needs, ...more })[0]?.rejection;
    expect(rejection({ usefulness: { ...needs.usefulness, readyByMs: -3 * minuteMs } })).toBe(
      'it would hardly be ready in time',
    );
    expect(rejection({ reservationMax: row!.reserved })).toBeNull();
    expect(rejection({ reservationMax: microUsd(row!.reserved - 1) })).toContain('does not fit');
  });

  it('reckons the danger of spending by the median of what may be taken, whatever the order of the list', () => {
    const offers = [
      offer(1, priced(0.9)),
      offer(2, priced(0.3)),
      offer(3, priced(0.5)),
      offer(4, priced(0.31)),
    ];
    const scores = (list: readonly RankedOffer[], more: Partial<RankingNeeds> = {}) =>
      rankOffers(list, { ...needs, pocUsd: 50, reservationMax: microUsd(1_600_000), ...more })
        .filter(({ rejection }) => rejection === null)
        .map(({ score, offer: { offerId } }) => `${offerId} ${score}`);
    expect(scores(offers.toReversed())).toEqual(scores(offers));
    const refused = [5, 6, 7, 8].map((id) => offer(id, { ...priced(0.02), machineId: 1 }));
    expect(scores([...offers, ...refused], { excludedMachineIds: [1] })).toEqual(scores(offers));
  });

  it('says why an offer is not taken', () => {
    const reasons = rankOffers([offer(1), offer(2, { gpuRamMb: 12_000 }), offer(3, priced(50))], {
      ...needs,
      excludedMachineIds: [101],
    }).map(({ rejection }) => rejection);
    expect(reasons).toEqual(
      expect.arrayContaining([
        'this machine failed, or is rented for this PoC already',
        'its GPUs form no group of 38 GB',
        'its worst case does not fit into what the caps leave',
      ]),
    );
  });

  it('leaves out machines that failed before, and falls back on the offer id between equals', () => {
    expect(order([offer(3), offer(2), offer(1)], { excludedMachineIds: [102] })).toEqual([1, 3]);
  });

  it('invents and loses nothing, never ranks a dearer equal first, and never passes what the caps leave', () => {
    const offers = fc.uniqueArray(
      fc.record({ offerId: fc.nat(1_000), machineId: fc.nat(20), usd: fc.nat(500) }),
      { selector: ({ offerId }) => offerId },
    );
    fc.assert(
      fc.property(offers, fc.array(fc.nat(20)), fc.nat(5_000_000), (any, excludedMachineIds, cap) => {
        const given = any.map(({ offerId, machineId, usd }) =>
          offer(offerId, { machineId, ...priced(0.02 + usd / 100) }),
        );
        const ranked = rankOffers(given, { ...needs, excludedMachineIds, reservationMax: microUsd(cap) });
        expect(new Set(ranked.map((row) => row.offer))).toEqual(new Set(given));
        const taken = ranked.filter(({ rejection }) => rejection === null);
        for (const { reserved, offer: one } of taken) {
          expect(reserved).toBeLessThanOrEqual(cap);
          expect(excludedMachineIds).not.toContain(one.machineId);
        }
        const prices = taken.map((row) => row.offer.price);
        expect(prices).toEqual(prices.toSorted((a, b) => a - b));
      }),
    );
  });
});
