import { describe, expect, test } from 'vitest';
import type { WorldOutcome } from '../../../src/world/exchange.ts';
import { vastFaults } from '../../../src/world/vast/fault-catalogue.ts';
import { goodOffers } from './market-case.ts';
import { VastDesk, type Json } from './vast-desk.ts';

const statusOf = (outcome: WorldOutcome): number => (typeof outcome === 'string' ? 0 : outcome.status);

describe('the front door', () => {
  test.each([
    ['no key', 'GET', '/api/v0/users/current/', {}, 403],
    ['no key, searching', 'POST', '/api/v0/bundles/', {}, 200],
    ['a wrong key', 'GET', '/api/v0/users/current/', { authorization: 'Bearer x' }, 401],
    ['a wrong key, searching', 'POST', '/api/v0/bundles/', { authorization: 'Bearer x' }, 404],
    ['a wrong key, destroying', 'DELETE', '/api/v0/instances/5/', { authorization: 'Bearer x' }, 404],
    ['the key in the query', 'GET', '/api/v0/users/current/?api_key=k', {}, 200],
    ['no trailing slash', 'GET', '/api/v0/users/current', { authorization: 'Bearer k' }, 404],
    ['a verb that does not exist', 'PUT', '/api/v0/instances/5/stop/', { authorization: 'Bearer k' }, 404],
  ])('answers %s', async (_, method, path, headers, status) => {
    const { world } = new VastDesk();
    expect(statusOf(await world.handle({ method, path, headers, body: '' }))).toBe(status);
  });

  test.each([
    ['GET', '/api/v1/instances/', 1_000],
    ['GET', '/api/v0/instances/5/', 2_000],
    ['DELETE', '/api/v0/instances/5/', 3_000],
    ['PUT', '/api/v0/instances/5/', 1_000],
  ])('keeps callers of %s %s apart by %i ms', async (method, path, intervalMs) => {
    const desk = new VastDesk();
    await desk.ask(method, path, {}, intervalMs);
    expect((await desk.ask(method, path, {}, intervalMs - 1)).status).not.toBe(429);
    expect((await desk.ask(method, path, {}, intervalMs)).status).toBe(429);
    expect((await desk.ask(method, path, {}, intervalMs)).status).not.toBe(429);
  });

  test('a hasty create costs a penalty of twelve seconds, and hammering never gets through', async () => {
    const desk = new VastDesk();
    const hasty = async (afterMs: number): Promise<number> =>
      (await desk.ask('PUT', '/api/v0/asks/1/', {}, afterMs)).status;
    expect([await hasty(4_000), await hasty(6_000), await hasty(11_000), await hasty(12_000)]).toEqual([
      400, 429, 429, 429,
    ]);
    expect(await hasty(0)).toBe(400);
  });

  test('allows ten searches a minute', async () => {
    const desk = new VastDesk();
    const statuses: number[] = [];
    for (let turn = 0; turn < 12; turn += 1)
      statuses.push((await desk.ask('POST', '/api/v0/bundles/', {}, 5_500)).status);
    expect(statuses.indexOf(429)).toBe(10);
    await desk.clock.advanceBy(60_000);
    expect((await desk.ask('POST', '/api/v0/bundles/')).status).toBe(200);
  });

  test('sends no Retry-After', async () => {
    const desk = new VastDesk();
    await desk.ask('GET', '/api/v1/instances/', {}, 0);
    const refused = await desk.ask('GET', '/api/v1/instances/', {}, 0);
    expect(refused.status).toBe(429);
    expect(Object.keys(refused.headers ?? {})).toEqual(['content-type']);
  });

  test('pages a list: 25 rows at most, 5 for nonsense limits, opaque tokens', async () => {
    const desk = new VastDesk({ market: { offers: goodOffers(30) } });
    for (let offerId = 501; offerId <= 530; offerId += 1) await desk.rent(offerId);
    const page = (query: string): Promise<Json> => desk.json('GET', `/api/v1/instances/?${query}`);
    const rowsOf = (answer: Json): number => (answer['instances'] as unknown[]).length;
    const first = await page('limit=100');
    expect([rowsOf(first), first['total_instances']]).toEqual([25, 30]);
    const second = await page(`after_token=${String(first['next_token'])}`);
    expect([rowsOf(second), second['total_instances'], second['next_token']]).toEqual([5, 30, null]);
    expect(rowsOf(await page('limit=0'))).toBe(5);
    expect(
      rowsOf(await page(`select_filters=${encodeURIComponent('{"label":{"in":["l501","l530"]}}')}`)),
    ).toBe(2);
    expect((await desk.ask('GET', '/api/v1/instances/?after_token=zzz')).status).toBe(400);
    const computed = encodeURIComponent('{"dph_total":{"gt":0}}');
    expect((await desk.ask('GET', `/api/v1/instances/?select_filters=${computed}`)).status).toBe(400);
    const columns = encodeURIComponent('["id","nonsense"]');
    const [row] = (await page(`limit=1&select_cols=${columns}`))['instances'] as Json[];
    expect(row).toEqual({ id: 20_000_001, nonsense: null });
  });

  test('lists its faults, each with a sentence, and knows no other', () => {
    const { world } = new VastDesk();
    expect(world.faults.descriptions).toBe(vastFaults);
    expect(new Set(vastFaults.map(({ name }) => name)).size).toBe(vastFaults.length);
    for (const { sentence } of vastFaults) expect(sentence).toMatch(/^\S.*\.$/);
    expect(() => world.faults.set('gremlin', 1)).toThrow(RangeError);
  });

  test('a fault that strikes running machines takes as many as it says, now and later', async () => {
    const desk = new VastDesk();
    await desk.rent(501);
    await desk.rent(502);
    await desk.clock.advanceBy(600_000);
    desk.world.faults.set('exits', 3);
    expect(desk.books().instances.map((instance) => instance['state'])).toEqual(['exited', 'exited']);
    expect(desk.world.faults.get('exits')).toBe(1);
    await desk.rent(503);
    await desk.clock.advanceBy(1_200_000);
    expect(desk.books().instances.at(-1)?.['state']).toBe('exited');
    expect(desk.books().instances.at(-1)?.['gpuSeconds']).toBeCloseTo(60, 6);
  });
});
