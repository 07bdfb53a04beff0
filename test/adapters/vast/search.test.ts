import { describe, expect, test } from 'vitest';
import type { OfferNeeds } from '../../../src/adapters/vast/index.ts';
import { gigabytes, megabytes, microUsdPerHourOfDollars } from '../../../src/units.ts';
import { answer, htmlPage, scriptedVast } from './scripted-vast.ts';

const { signal } = new AbortController();
const needs: OfferNeeds = {
  gpuNames: ['RTX 4090'],
  gpuCount: 1,
  gpuRamMbMin: megabytes(24_000),
  gpuTotalRamMbMin: megabytes(24_000),
  diskGb: gigabytes(80),
  priceMax: microUsdPerHourOfDollars(0.6),
  reliabilityMin: 0.97,
  inetDownMbpsMin: 500,
  cudaMin: 12.8,
  durationSecondsMin: 86_400,
};
const row = {
  id: 11,
  ask_contract_id: 11,
  machine_id: 22,
  host_id: 33,
  gpu_name: 'RTX 4090',
  num_gpus: 1,
  gpu_ram: 24_564,
  gpu_total_ram: 24_564,
  dph_total: 0.4166667,
  dph_base: 0.4,
  disk_space: 200,
  duration: 864_000,
  inet_down: 900.5,
  inet_down_cost: 0.005,
  inet_up_cost: 0.01,
  reliability2: 0.99,
  cuda_max_good: 12.8,
  geolocation: 'Oslo, NO',
  rentable: true,
  rented: false,
};
const searched = (body: unknown) => scriptedVast([answer(200, body)]).vast.search(needs, signal);

describe('a search', () => {
  test('V31, V44: asks in API units, with the disk that will be rented priced in', async () => {
    const { vast, sent } = scriptedVast([answer(200, { offers: [] })]);
    expect(await vast.search(needs, signal)).toEqual([]);
    expect(sent[0]).toMatchObject({ method: 'POST', url: 'https://vast.test/api/v0/bundles/' });
    expect(JSON.parse(String(sent[0]?.body))).toEqual({
      verified: { eq: true },
      external: { eq: false },
      rentable: { eq: true },
      rented: { eq: false },
      gpu_name: { in: ['RTX 4090'] },
      num_gpus: { eq: 1 },
      gpu_ram: { gte: 24_000 },
      gpu_total_ram: { gte: 24_000 },
      cuda_max_good: { gte: 12.8 },
      reliability2: { gte: 0.97 },
      inet_down: { gte: 500 },
      disk_space: { gte: 80 },
      duration: { gte: 86_400 },
      dph_total: { lte: 0.6 },
      order: [['dph_total', 'asc']],
      type: 'on-demand',
      allocated_storage: 80,
      limit: 64,
    });
  });

  test('reads an offer, its price in parts, rounded up', async () => {
    expect(await searched({ offers: [row] })).toEqual([
      {
        offerId: 11,
        machineId: 22,
        hostId: 33,
        gpuName: 'RTX 4090',
        gpuCount: 1,
        gpuRamMb: 24_564,
        gpuTotalRamMb: 24_564,
        price: 416_667,
        gpuPrice: 400_000,
        diskPrice: 16_667,
        inetDownMbps: 900.5,
        inetDownUsdPerGb: 0.005,
        inetUpUsdPerGb: 0.01,
        reliability: 0.99,
        cudaMax: 12.8,
        geolocation: 'Oslo, NO',
      },
    ]);
  });

  test.each([
    ['a list', { offers: [row] }],
    ['a single object', { offers: row }],
    ['rows that are wrapped once more', { offers: [{ offers: row }] }],
    ['a bare list', [row]],
    [
      'numbers as strings',
      { offers: [{ ...row, id: '11', dph_total: '0.4166667', num_gpus: '1.0', gpu_ram: '24564' }] },
    ],
    ['floats where integers are due', { offers: [{ ...row, num_gpus: 1.0, gpu_ram: 24_564.0 }] }],
    [
      'nulls beside',
      { offers: [{ ...row, gpu_total_ram: null, dph_base: null, host_id: null, inet_up_cost: null }] },
    ],
    ['a broken row beside', { offers: [row, { id: null }, 'x', null] }],
  ])('takes %s', async (_, body) => {
    const offers = await searched(body);
    expect(offers.map(({ offerId, price }) => [offerId, price])).toEqual([[11, 416_667]]);
  });

  test.each([
    ['an 8 GB card', { gpu_ram: 8_192, gpu_total_ram: 8_192 }],
    ['another card', { gpu_name: 'RTX_4090' }],
    ['two cards', { num_gpus: 2 }],
    ['a price above the cap', { dph_total: 0.6000001 }],
    ['too little disk', { disk_space: 79 }],
    ['a host that is often away', { reliability2: 0.9 }],
    ['a slow line', { inet_down: 100 }],
    ['an unknown line', { inet_down: null }],
    ['an old driver', { cuda_max_good: 12.4 }],
    ['an early end', { duration: 3_600 }],
    ['an AMD card', { gpu_arch: 'amd' }],
    ['an ARM host', { cpu_arch: 'arm64' }],
    ['somebody else’s machine', { rented: true }],
    ['an interruptible one', { is_bid: true }],
  ])('drops %s that a sloppy server sends', async (_, change) => {
    expect(await searched({ offers: [{ ...row, ...change }] })).toEqual([]);
  });

  test('sorts by price whatever the order of the answer', async () => {
    const offers = await searched({ offers: [row, { ...row, id: 12, ask_contract_id: 12, dph_total: 0.3 }] });
    expect(offers.map(({ offerId }) => offerId)).toEqual([12, 11]);
  });

  test.each([
    ['an error page', answer(200, htmlPage), 'VAST_BAD_ANSWER'],
    ['no offers field', answer(200, { success: true }), 'VAST_BAD_ANSWER'],
    ['rows of which none is an offer', answer(200, { offers: [{ a: 1 }] }), 'VAST_BAD_ANSWER'],
    ['502', answer(502, htmlPage), 'VAST_UNREACHABLE'],
    ['a bad query', answer(400, { error: 'invalid_request', msg: 'Invalid json body' }), 'VAST_BAD_ANSWER'],
    ['a bad key as 404', answer(404, { error: 'auth_error' }), 'VAST_KEY_REFUSED'],
    ['an old session', answer(404, { msg: 'Your session has expired' }), 'VAST_KEY_REFUSED'],
  ])('V34: %s is no empty market', async (_, reply, code) => {
    await expect(scriptedVast([reply]).vast.search(needs, signal)).rejects.toMatchObject({ code });
  });
});
