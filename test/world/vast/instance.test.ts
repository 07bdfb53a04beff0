import { describe, expect, test } from 'vitest';
import { goodOffer, goodOffers } from './market-case.ts';
import { VastDesk, type Json } from './vast-desk.ts';

/** The states that a boot went through, looked at every second. */
async function watched(desk: VastDesk, seconds: number): Promise<Json[]> {
  const seen: Json[] = [];
  for (let second = 0; second < seconds; second += 1) {
    const page = await desk.json('GET', '/api/v1/instances/', {}, 1_000);
    const [row] = page['instances'] as Json[];
    if (row && row['actual_status'] !== seen.at(-1)?.['actual_status']) seen.push(row);
  }
  return seen;
}

describe('an instance', () => {
  test('goes null → created → loading → running, allocated at once, with ports only at the end', async () => {
    const desk = new VastDesk({ imageGb: 12 });
    const created = desk.ask(
      'PUT',
      '/api/v0/asks/501/',
      { image: 'a/b:1', runtype: 'ssh_direc ssh_proxy' },
      0,
    );
    const seen = await watched(desk, 600);
    await created;
    expect(seen.map((row) => row['actual_status']).slice(-3)).toEqual(['created', 'loading', 'running']);
    expect(seen.map((row) => row['cur_state'])).toEqual(seen.map(() => 'running'));
    expect(seen.slice(0, -1).map((row) => row['ports'])).toEqual(seen.slice(1).map(() => null));
    expect(seen.at(-1)?.['status_msg']).toBe('success, running a/b:1/ssh');
    expect(seen.at(-1)?.['ports']).toMatchObject({
      '22/tcp': [{ HostIp: '0.0.0.0', HostPort: '30001' }, {}],
    });
    expect(seen.at(-2)?.['status_msg']).toMatch(/a\/b:1/);
  });

  test('pulls for as long as image and line demand', async () => {
    const seconds = async (imageGb: number, inetDown: number): Promise<number> => {
      const desk = new VastDesk({
        imageGb,
        market: { offers: [{ ...goodOffer, id: 1, inet_down: inetDown }] },
      });
      await desk.rent(1);
      await desk.clock.advanceBy(7_200_000);
      const [one] = desk.books().instances;
      return (Number(one?.['runningAt']) - Number(one?.['createdAt'])) / 1000;
    };
    const small = await seconds(1, 1_000);
    const big = await seconds(12, 1_000);
    const bigOnFastLine = await seconds(12, 8_000);
    expect(big).toBeGreaterThan(small + (11 * 8000) / 1_000);
    expect(bigOnFastLine).toBeLessThan(big);
  });

  test('takes n times as long to boot while slowBoot is n', async () => {
    const boot = async (slowness: number): Promise<number> => {
      const desk = new VastDesk();
      desk.world.faults.set('slowBoot', slowness);
      await desk.rent(501);
      await desk.clock.advanceBy(3_600_000);
      const [one] = desk.books().instances;
      return Number(one?.['runningAt']) - Number(one?.['createdAt']);
    };
    expect(await boot(5)).toBeCloseTo(5 * (await boot(1)), 3);
  });

  test('is the same in every run of one seed', async () => {
    const story = async (seed: number): Promise<string> => {
      const desk = new VastDesk({ seed, accidents: 1, market: { offerCount: 30 } });
      for (let offerId = 7_000_001; offerId < 7_000_011; offerId += 1) {
        const outcome = desk.world.handle({
          method: 'PUT',
          path: `/api/v0/asks/${offerId}/`,
          headers: { authorization: 'Bearer k' },
          body: '{"image":"a:1","disk":20}',
        });
        await desk.clock.advanceBy(60_000);
        await outcome;
      }
      await desk.clock.advanceBy(7_200_000);
      return JSON.stringify(desk.world.books());
    };
    expect(await story(3)).toBe(await story(3));
    expect(await story(3)).not.toBe(await story(4));
  });

  test('bills the GPU while it runs, the disk always, traffic by the GB', async () => {
    const desk = new VastDesk();
    const instanceId = await desk.rent(501);
    await desk.clock.advanceBy(3_600_000);
    const [one] = desk.books().instances;
    const runSeconds = (desk.clock.now() - Number(one?.['runningAt'])) / 1000;
    expect(one?.['gpuSeconds']).toBeCloseTo(runSeconds, 6);
    const pulledUsd = Number(one?.['trafficUsd']);
    expect([0, 0.005]).toContain(pulledUsd);
    await desk.ask('DELETE', `/api/v0/instances/${instanceId}/`, {}, 61_000);
    const [gone] = desk.books().instances;
    // The container says that it fetched 10 GB and sent 1.
    expect(gone?.['trafficUsd']).toBeCloseTo(pulledUsd + 10 * 0.005 + 1 * 0.01, 9);
    const before = desk.books().costUsd;
    await desk.clock.advanceBy(3_600_000);
    expect(desk.books().costUsd).toBe(before);
  });

  test('that never left loading costs its disk and what it pulled, no GPU time', async () => {
    const desk = new VastDesk();
    desk.world.faults.set('neverBoots', 1);
    await desk.rent(501);
    await desk.clock.advanceBy(3_600_000);
    expect(desk.books().paidSeconds).toBe(0);
    expect(desk.books().instances).toMatchObject([{ state: 'loading', runningAt: null, destroyedAt: null }]);
    expect(desk.books().costUsd).toBeGreaterThan((80 * 0.15) / 720);
  });

  test('a host that goes offline bills nothing more', async () => {
    const desk = new VastDesk();
    await desk.rent(501);
    await desk.clock.advanceBy(1_800_000);
    desk.world.faults.set('offline', 1);
    const before = desk.books().costUsd;
    await desk.clock.advanceBy(3_600_000);
    // Only what the container says that it fetched and sent comes on top.
    expect(desk.books().costUsd - before).toBeCloseTo(10 * 0.005 + 1 * 0.01, 9);
    expect(desk.books().instances).toMatchObject([{ state: 'offline' }]);
    expect(desk.host.running).toEqual([]);
  });

  test('everything is stopped when the credit is used up', async () => {
    const desk = new VastDesk({ creditUsd: 0.5 });
    await desk.rent(501);
    await desk.clock.advanceBy(3 * 3_600_000);
    expect(desk.host.running).toEqual([]);
    expect(await desk.rows()).toMatchObject([{ intended_status: 'stopped', actual_status: 'stopped' }]);
    expect(desk.books().costUsd).toBeLessThan(0.6);
    expect(await desk.json('PUT', '/api/v0/asks/502/', { image: 'a:1' })).toMatchObject({
      error: 'insufficient_credit',
    });
  });

  test('a host that cannot start the container leaves it in loading with its reason', async () => {
    const desk = new VastDesk();
    desk.host.broken.add(20_000_001);
    await desk.rent(501);
    await desk.clock.advanceBy(600_000);
    expect(await desk.rows()).toMatchObject([
      { actual_status: 'loading', status_msg: 'Error response from daemon: No such container: C.20000001' },
    ]);
  });

  test('destroyed while it boots, it never starts a container', async () => {
    const desk = new VastDesk({ imageGb: 12 });
    const instanceId = await desk.rent(501);
    await desk.ask('DELETE', `/api/v0/instances/${instanceId}/`, {}, 61_000);
    await desk.clock.advanceBy(3_600_000);
    expect(desk.host.started).toEqual([]);
    expect(desk.books()).toMatchObject({ live: 0 });
    expect(desk.clock.pending).toBe(0);
  });

  test('a key that is attached later reaches the container after ten to fifteen seconds', async () => {
    const desk = new VastDesk();
    const instanceId = await desk.rent(501);
    await desk.clock.advanceBy(600_000);
    await desk.ask('POST', `/api/v0/instances/${instanceId}/ssh/`, { ssh_key: 'ssh-ed25519 NEW' }, 9_900);
    expect(desk.host.attached).toEqual([]);
    await desk.clock.advanceBy(5_200);
    expect(desk.host.attached).toEqual([`${instanceId} ssh-ed25519 NEW`]);
  });

  test('keys are injected at creation only', async () => {
    const desk = new VastDesk();
    await desk.rent(501);
    await desk.ask('POST', '/api/v0/ssh/', { ssh_key: 'ssh-ed25519 LATE' });
    await desk.rent(502);
    await desk.clock.advanceBy(600_000);
    expect(desk.host.started.map(({ authorizedKeys }) => authorizedKeys)).toEqual([[], ['ssh-ed25519 LATE']]);
  });

  test('a stop keeps the contract, and a start after it is queued for ever', async () => {
    const desk = new VastDesk({ market: { offers: goodOffers(1) } });
    const path = `/api/v0/instances/${await desk.rent(501)}/`;
    await desk.clock.advanceBy(600_000);
    expect(await desk.json('PUT', path, { label: 'new label' })).toEqual({ success: true });
    expect(await desk.json('PUT', path, { state: 'stopped' })).toEqual({ success: true });
    expect((await desk.json('PUT', path, { state: 'running' }))['msg']).toContain('Required resources');
    await desk.clock.advanceBy(86_400_000);
    expect(await desk.rows()).toMatchObject([{ actual_status: 'stopped', label: 'new label' }]);
  });

  test('gone is answered in both ways', async () => {
    const desk = new VastDesk();
    expect(await desk.json('GET', '/api/v0/instances/5/')).toEqual({ instances: null });
    expect(await desk.json('GET', '/api/v0/instances/5/')).toMatchObject({ error: 'no_such_instance' });
  });
});
