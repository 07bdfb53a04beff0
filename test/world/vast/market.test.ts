import { describe, expect, test } from 'vitest';
import { goodOffer, goodOffers } from './market-case.ts';
import { VastDesk, type Json } from './vast-desk.ts';

const search = async (desk: VastDesk, body: Json): Promise<Json[]> =>
  (await desk.json('POST', '/api/v0/bundles/', body))['offers'] as Json[];
const ids = (offers: Json[]): unknown[] => offers.map((offer) => offer['id']);

describe('the market', () => {
  test('gives 64 rows at most, whatever limit is asked for', async () => {
    const desk = new VastDesk({ market: { offers: goodOffers(100) } });
    expect(await search(desk, { limit: 3000 })).toHaveLength(64);
    expect(await search(desk, { limit: 5 })).toHaveLength(5);
  });

  test('prices the disk that is asked for, 8 GB when none is', async () => {
    const desk = new VastDesk({ market: { offers: [{ ...goodOffer, dph_base: 0.36, storage_cost: 0.15 }] } });
    const [asked] = await search(desk, { allocated_storage: 80 });
    expect(asked?.['dph_total']).toBeCloseTo(0.36 + (80 * 0.15) / 720, 12);
    const [bare] = await search(desk, {});
    expect(bare?.['dph_total']).toBeCloseTo(0.36 + (8 * 0.15) / 720, 12);
  });

  test.each<[string, Json, unknown[]]>([
    ['eq', { num_gpus: { eq: 2 } }, [2]],
    ['neq', { num_gpus: { neq: 2 } }, [1, 3]],
    ['gt and lte', { dph_base: { gt: 0.3, lte: 0.5 } }, [2]],
    ['gte', { gpu_ram: { gte: 24_000 } }, [1, 2]],
    ['lt', { gpu_ram: { lt: 24_000 } }, [3]],
    ['in', { gpu_name: { in: ['RTX 3060', 'x'] } }, [3]],
    ['notin', { gpu_name: { notin: ['RTX 4090'] } }, [3]],
    ['a country code', { geolocation: { eq: 'NO' } }, [1]],
    ['verified', { verified: { eq: false } }, [2]],
    ['memory in GB, as some think', { gpu_ram: { gte: 24 } }, [1, 2, 3]],
    ['a name with underscores', { gpu_name: { eq: 'RTX_4090' } }, []],
    ['id', { id: { eq: 1 } }, []],
    ['ask_contract_id', { ask_contract_id: { eq: 1 } }, [1]],
    ['interruptible', { type: 'bid' }, []],
  ])('filters by %s', async (_, filter, expected) => {
    const desk = new VastDesk({
      market: {
        offers: [
          { ...goodOffer, id: 1, dph_base: 0.3, geolocation: 'Oslo, NO' },
          {
            ...goodOffer,
            id: 2,
            dph_base: 0.5,
            num_gpus: 2,
            verification: 'unverified',
            geolocation: 'Texas, US',
          },
          {
            ...goodOffer,
            id: 3,
            dph_base: 0.1,
            gpu_name: 'RTX 3060',
            gpu_ram: 12_288,
            geolocation: 'Texas, US',
          },
        ],
      },
    });
    expect(ids(await search(desk, { ...filter, order: [['id', 'asc']] }))).toEqual(expected);
  });

  test('orders as asked', async () => {
    const desk = new VastDesk({ market: { offers: goodOffers(3) } });
    expect(ids(await search(desk, { order: [['dph_total', 'desc']] }))).toEqual([503, 502, 501]);
  });

  test('refuses what is no query', async () => {
    const desk = new VastDesk();
    expect((await desk.ask('POST', '/api/v0/bundles/', '{"a"')).status).toBe(400);
    expect((await desk.ask('POST', '/api/v0/bundles/', { gpu_ram: { above: 3 } })).status).toBe(400);
    expect((await desk.ask('POST', '/api/v0/bundles/', { order: 'price' })).status).toBe(400);
  });

  test('V2: goes on showing an offer that is gone, for a while; later it is back under another id', async () => {
    const desk = new VastDesk({ market: { offers: goodOffers(2) } });
    desk.world.faults.set('offerGone', 1);
    await desk.ask('PUT', '/api/v0/asks/501/', { image: 'a:1' }, 6_000);
    expect(ids(await search(desk, { order: [['id', 'asc']] }))).toEqual([501, 502]);
    expect((await desk.ask('PUT', '/api/v0/asks/501/', { image: 'a:1' })).status).toBe(400);
    expect(ids(await search(desk, {}))).toEqual([502]);
    await desk.clock.advanceBy(48 * 3_600_000);
    const later = await search(desk, { order: [['dph_total', 'asc']] });
    expect(later.map((offer) => offer['machine_id'])).toEqual([9_001, 9_002]);
    expect(ids(later)).not.toContain(501);
  });

  test('a rented offer is off the market until its instance is destroyed', async () => {
    const desk = new VastDesk({ market: { offers: goodOffers(1) } });
    const instanceId = await desk.rent(501);
    expect(await search(desk, {})).toEqual([]);
    await desk.ask('DELETE', `/api/v0/instances/${instanceId}/`, {}, 61_000);
    expect((await search(desk, {})).map((offer) => offer['machine_id'])).toEqual([9_001]);
  });

  test('by itself has the spread of prices, cards and hosts of the real one', async () => {
    const desk = new VastDesk({ market: { offerCount: 400 } });
    const cards = await search(desk, { gpu_name: { eq: 'RTX 4090' }, num_gpus: { eq: 1 } });
    const prices = cards.map((offer) => Number(offer['dph_base'])).toSorted((a, b) => a - b);
    expect(prices.length).toBeGreaterThan(8);
    expect(prices[Math.floor(prices.length / 2)]).toBeGreaterThan(0.2);
    expect(prices[Math.floor(prices.length / 2)]).toBeLessThan(0.7);
    expect(prices.at(-1)! / prices[0]!).toBeGreaterThan(1.5);
  });

  test('with its accidents on, about one create in ten finds its offer gone', async () => {
    const desk = new VastDesk({ market: { offers: goodOffers(300) }, accidents: 1, creditUsd: 10_000 });
    let gone = 0;
    for (let offerId = 601; offerId <= 800; offerId += 1) {
      await search(desk, { limit: 64, order: [['dph_total', 'asc']] });
      const outcome = desk.world.handle({
        method: 'PUT',
        path: `/api/v0/asks/${offerId}/`,
        headers: { authorization: 'Bearer k' },
        body: '{"image":"a:1"}',
      });
      await desk.clock.advanceBy(31_000);
      const answer = await outcome;
      if (typeof answer !== 'string' && answer.status !== 200) gone += 1;
    }
    expect(gone).toBeGreaterThan(8);
    expect(gone).toBeLessThan(40);
  });
});
