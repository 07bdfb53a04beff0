import { expect, test } from 'vitest';
import { verdict, type Instance } from '../../src/adapters/vast/index.ts';
import { microUsdPerHourOfDollars } from '../../src/units.ts';
import { goodOffer, goodOffers } from '../world/vast/market-case.ts';
import { codeOf, listUntil, needs, order, settled, signal } from './vast-terms.ts';
import type { OpenSubject } from './vast-subject.ts';

/** Instances: their boot, their list, their end, their bill. */
export function instanceContract(opened: OpenSubject): void {
  test('V16–V18: endpoints are empty until the container runs, then direct and proxy, each with its own port', async () => {
    const { vast, run, raw, host } = await opened({ speed: 50 });
    const { instanceId } = await run(vast.create(order(501), signal));
    const early = await run(listUntil(vast, (instances) => instances.length > 0));
    expect(early[0]).toMatchObject({ curState: 'running', endpoints: [] });
    const [running] = await run(listUntil(vast, settled));
    const row = (
      JSON.parse((await raw('GET', `/api/v0/instances/${instanceId}/`)).body) as { instances: object }
    ).instances;
    expect(row).toMatchObject({
      status_msg: 'success, running ghcr.io/org/mlnode:1.2.3/ssh',
      public_ipaddr: '127.0.0.1\n',
      ports: { '22/tcp': [{ HostPort: '30001' }, {}] },
    });
    expect(running?.endpoints).toEqual([
      { via: 'direct', host: '127.0.0.1', port: 30_001 },
      { via: 'proxy', host: '127.0.0.1', port: 30_000 },
    ]);
    expect(host.started).toHaveLength(1);
  });

  test('V18: a machine without open ports has the proxy only', async () => {
    const { vast, run } = await opened({
      market: { offers: [{ ...goodOffer, id: 1, direct_port_count: 0 }] },
    });
    await run(vast.create(order(1), signal));
    const [running] = await run(listUntil(vast, settled));
    expect(running?.endpoints.map(({ via }) => via)).toEqual(['proxy']);
  });

  test('V25: env is an object; the container gets its variables, and 8080 is published by nobody’s wish', async () => {
    const { vast, run, host, raw } = await opened();
    await run(vast.create({ ...order(501), env: { MODEL: 'm', HF_HOME: '/root/hf' } }, signal));
    await run(listUntil(vast, settled));
    expect(host.started[0]).toMatchObject({
      env: { MODEL: 'm', HF_HOME: '/root/hf' },
      onstart: 'start-server &',
      label: 'ghm:d1:lease501:1',
      gpuName: 'RTX 4090',
      publishedPorts: [8080],
    });
    const body = {
      client_id: 'me',
      image: 'a/b:1',
      disk: 20,
      runtype: 'ssh',
      env: '-e MODEL=m',
      label: 'text-env',
    };
    expect((await run(raw('PUT', '/api/v0/asks/502/', body))).status).toBe(200);
    await run(listUntil(vast, (instances) => instances.length === 2 && settled(instances)));
    expect(host.started[1]?.env).toEqual({});
  });

  test('V36: destroy fails three times and is throttled twice; then it works, and the list is the proof', async () => {
    const { vast, run, fault } = await opened();
    const { instanceId } = await run(vast.create(order(501), signal));
    await run(listUntil(vast, settled));
    await fault('destroyFails', 3);
    await fault('destroy429', 2);
    const answers: unknown[] = [];
    for (let turn = 0; turn < 5; turn += 1) answers.push(await run(codeOf(vast.destroy(instanceId, signal))));
    expect(answers).toEqual([
      ...Array<string>(3).fill('VAST_UNREACHABLE retryable'),
      ...Array<string>(2).fill('VAST_RATE_LIMITED retryable'),
    ]);
    expect((await run(vast.list(signal))).totalInstances).toBe(1);
    expect(await run(vast.destroy(instanceId, signal))).toBe('accepted');
    await run(listUntil(vast, (instances) => instances.length === 0));
  });

  test('V37: a second destroy finds nothing; a refused key looks like it and is not', async () => {
    const { vast, run, fault, raw } = await opened();
    const { instanceId } = await run(vast.create(order(501), signal));
    await fault('keyRefused', 1);
    expect((await raw('DELETE', `/api/v0/instances/${instanceId}/`)).status).toBe(404);
    expect(await run(codeOf(vast.destroy(instanceId, signal)))).toBe('VAST_KEY_REFUSED operator');
    await fault('keyRefused', 0);
    expect(await run(vast.destroy(instanceId, signal))).toBe('accepted');
    expect(await run(vast.destroy(instanceId, signal))).toBe('no_such_instance');
  });

  test('a destroy that lies is found out by the list', async () => {
    const { vast, run, fault } = await opened();
    const { instanceId } = await run(vast.create(order(501), signal));
    await run(listUntil(vast, settled));
    await fault('destroyLies', 1);
    expect(await run(vast.destroy(instanceId, signal))).toBe('accepted');
    await run(codeOf(vast.account(signal)));
    expect((await run(vast.list(signal))).totalInstances).toBe(1);
  });

  test('V44: searched with the disk that is asked for, an offer costs what the instance will cost', async () => {
    const { vast, run } = await opened();
    const [offer] = await run(vast.search(needs, signal));
    expect(offer?.price).toBe(microUsdPerHourOfDollars(0.36 + (80 * 0.15) / 720));
    expect(offer!.gpuPrice).toBe(microUsdPerHourOfDollars(0.36));
    await run(vast.create(order(offer!.offerId), signal));
    const [instance] = await run(listUntil(vast, (instances) => instances.length > 0));
    expect(instance?.price).toBe(offer?.price);
    expect(instance?.machineId).toBe(offer?.machineId);
  });

  test.each([
    ['imageMissing', 'VAST_IMAGE_MISSING', 'operator'],
    ['ociFails', 'VAST_INSTANCE_FAILED', 'terminal'],
    ['exits', 'VAST_INSTANCE_FAILED', 'terminal'],
    ['offline', 'VAST_INSTANCE_FAILED', 'terminal'],
    ['intendedStopped', 'VAST_INSTANCE_FAILED', 'terminal'],
  ])('the fault %s is read as %s, %s', async (name, code, retryClass) => {
    const { vast, run, fault, host } = await opened();
    await fault(name, 1);
    await run(vast.create(order(501), signal));
    const failed = (instances: readonly Instance[]): boolean =>
      instances.some((instance) => verdict(instance).kind === 'failed');
    const [instance] = await run(listUntil(vast, failed));
    expect(verdict(instance!)).toMatchObject({ fault: { code, class: retryClass } });
    expect(instance?.endpoints).toEqual([]);
    expect(host.running).toEqual([]);
  });

  test('an image that does not exist is told from a host that fails', async () => {
    const { vast, run } = await opened();
    await run(vast.create({ ...order(501), image: 'ghcr.io/org/does-not-exist:1' }, signal));
    const [instance] = await run(listUntil(vast, settled));
    expect(verdict(instance!)).toMatchObject({ fault: { code: 'VAST_IMAGE_MISSING' } });
  });

  test('a boot that never ends stays pending', async () => {
    const { vast, run, fault, now } = await opened();
    await fault('neverBoots', 1);
    await run(vast.create(order(501), signal));
    const start = now();
    const [instance] = await run(listUntil(vast, () => now() - start > 600_000));
    expect(instance).toMatchObject({ actualStatus: 'loading', curState: 'running' });
    expect(verdict(instance!)).toEqual({ kind: 'pending' });
  });

  test('without credit nothing is rented', async () => {
    const { vast, run, fault, books } = await opened();
    await fault('noCredit', 1);
    expect(await run(codeOf(vast.create(order(501), signal)))).toBe('VAST_NO_CREDIT operator');
    expect(await books()).toMatchObject({ instancesCreated: 0 });
  });

  test('when the API is down reads are unreachable and a create is unknown', async () => {
    const { vast, run, fault } = await opened();
    await fault('down', 1);
    expect(await run(codeOf(vast.list(signal)))).toBe('VAST_UNREACHABLE retryable');
    expect(await run(codeOf(vast.account(signal)))).toBe('VAST_UNREACHABLE retryable');
    expect(await run(codeOf(vast.create(order(501), signal)))).toBe('VAST_CREATE_UNKNOWN unknown-outcome');
  });

  test('a container’s key destroys its own instance and nothing else', async () => {
    const { vast, run, raw, host } = await opened();
    const first = await run(vast.create(order(501), signal));
    const second = await run(vast.create(order(502), signal));
    await run(listUntil(vast, (instances) => instances.length === 2 && settled(instances)));
    const key = host.started.find(({ instanceId }) => instanceId === first.instanceId)!.containerApiKey;
    expect((await raw('DELETE', `/api/v0/instances/${second.instanceId}/`, {}, key)).status).toBe(403);
    expect((await raw('GET', '/api/v1/instances/', undefined, key)).status).toBe(403);
    expect((await raw('PUT', '/api/v0/asks/503/', {}, key)).status).toBe(403);
    expect((await raw('DELETE', `/api/v0/instances/${first.instanceId}/`, {}, key)).status).toBe(200);
    const left = await run(listUntil(vast, (instances) => instances.length === 1));
    expect(left[0]?.instanceId).toBe(second.instanceId);
  });

  test('the books of a finished rental add up, and the credit fell by as much', async () => {
    const { vast, run, books, host } = await opened();
    const { instanceId } = await run(vast.create(order(501), signal));
    await run(listUntil(vast, settled));
    await run(vast.destroy(instanceId, signal));
    await run(listUntil(vast, (instances) => instances.length === 0));
    expect(host.running).toEqual([]);
    const { instances, live, paidSeconds, costUsd } = (await books()) as unknown as Books;
    const [one] = instances;
    expect(live).toBe(0);
    expect(one).toMatchObject({
      instanceId,
      label: 'ghm:d1:lease501:1',
      machineId: 9_001,
      state: 'destroyed',
    });
    expect(one!.gpuSeconds).toBeCloseTo((one!.destroyedAt - one!.runningAt) / 1000, 6);
    expect(one!.gpuSeconds).toBeGreaterThan(0);
    expect(paidSeconds).toBe(one!.gpuSeconds);
    expect(one!.costUsd).toBeCloseTo((one!.gpuSeconds / 3600) * 0.36 + one!.diskUsd + one!.trafficUsd, 9);
    expect(one!.diskUsd).toBeCloseTo(
      (((one!.destroyedAt - one!.createdAt) / 3_600_000) * 80 * 0.15) / 720,
      9,
    );
    expect((await run(vast.account(signal))).creditUsd).toBeCloseTo(100 - costUsd, 9);
  });

  test('V39: thirty instances are two pages, and the list has them all', async () => {
    const { vast, run, raw } = await opened({ market: { offers: goodOffers(30) } });
    for (let offerId = 501; offerId <= 530; offerId += 1) await run(vast.create(order(offerId), signal));
    const { instances, totalInstances } = await run(
      listUntil(vast, (all) => all.length === 30).then(() => vast.list(signal)),
    );
    expect(totalInstances).toBe(30);
    expect(new Set(instances.map(({ label }) => label)).size).toBe(30);
    const page = await raw('GET', '/api/v1/instances/?limit=100');
    expect(
      page.status === 429 || (JSON.parse(page.body) as { instances: unknown[] }).instances.length === 25,
    ).toBe(true);
  }, 60_000);

  test('V54 and I2: an error page, a malformed and a partial list prove nothing; an empty one does', async () => {
    const { vast, run, fault } = await opened();
    await run(vast.create(order(501), signal));
    await run(listUntil(vast, (instances) => instances.length === 1));
    for (const name of ['list500Html', 'listMalformed', 'listPartial']) {
      await fault(name, 1);
      expect([name, await run(codeOf(vast.list(signal)))]).toEqual([name, 'VAST_LIST_UNKNOWN retryable']);
    }
    await fault('listEmpty', 1);
    expect(await run(vast.list(signal))).toEqual({ instances: [], totalInstances: 0 });
    expect((await run(vast.list(signal))).totalInstances).toBe(1);
  });

  test('an instance is shown by its id until it is gone, whichever way that is said', async () => {
    const { vast, run, fault } = await opened();
    const { instanceId } = await run(vast.create(order(501), signal));
    await run(listUntil(vast, (instances) => instances.length === 1));
    await fault('listEmpty', 1);
    expect((await run(vast.show(instanceId, signal)))?.instanceId).toBe(instanceId);
    expect(await run(vast.list(signal))).toEqual({ instances: [], totalInstances: 0 });
    await run(vast.destroy(instanceId, signal));
    await run(listUntil(vast, (instances) => instances.length === 0));
    expect(await run(vast.show(instanceId, signal))).toBeNull();
    expect(await run(vast.show(instanceId, signal))).toBeNull();
  });
}

interface Books {
  readonly instances: readonly {
    readonly gpuSeconds: number;
    readonly createdAt: number;
    readonly runningAt: number;
    readonly destroyedAt: number;
    readonly diskUsd: number;
    readonly trafficUsd: number;
    readonly costUsd: number;
  }[];
  readonly live: number;
  readonly paidSeconds: number;
  readonly costUsd: number;
}
