import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { verdict } from '../../src/adapters/vast/index.ts';
import { goodOffer } from '../world/vast/market-case.ts';
import { codeOf, listUntil, needs, order, settled, signal } from './vast-terms.ts';
import type { OpenSubject } from './vast-subject.ts';

/** Account, search and create: what a rental needs, and every way in which it fails. */
export function rentalContract(opened: OpenSubject): void {
  test('tells whose account it is and what is left on it', async () => {
    const { vast, run } = await opened();
    expect(await run(vast.account(signal))).toEqual({ email: 'operator@example.org', creditUsd: 100 });
  });

  test('V35: a wrong key is refused everywhere as the same thing, and is in no error', async () => {
    const { withKey, run } = await opened();
    const wrong = withKey('wrong-key-987');
    for (const call of [
      () => wrong.account(signal),
      () => wrong.search(needs, signal),
      () => wrong.create(order(501), signal),
      () => wrong.list(signal),
      () => wrong.destroy(20_000_001, signal),
    ]) {
      const error: unknown = await run(call().catch((thrown: unknown) => thrown));
      expect(error).toMatchObject({ code: 'VAST_KEY_REFUSED', class: 'operator' });
      expect(inspect(error, { depth: 9 })).not.toContain('wrong-key-987');
    }
  });

  test('the SSH key of the account is added once, whatever its comment, and put into containers', async () => {
    const { vast, run, host, raw } = await opened();
    await run(vast.ensureSshKey('ssh-ed25519 AAAAC3Nz daemon@here\n', signal));
    await run(vast.ensureSshKey('ssh-ed25519 AAAAC3Nz another comment', signal));
    expect(JSON.parse((await raw('GET', '/api/v0/ssh/')).body)).toHaveLength(1);
    await run(vast.create(order(501), signal));
    await run(listUntil(vast, settled));
    expect(host.started[0]?.authorizedKeys).toEqual(['ssh-ed25519 AAAAC3Nz daemon@here']);
  });

  test('V31: a sloppy server sends an 8 GB card and a dear one; neither passes the adapter', async () => {
    const { vast, run, fault, raw } = await opened({
      market: {
        offers: [
          { ...goodOffer, id: 1, gpu_name: 'RTX 3070', gpu_ram: 8_192, dph_base: 0.05 },
          { ...goodOffer, id: 2, dph_base: 0.9 },
          { ...goodOffer, id: 3, dph_base: 0.5 },
          { ...goodOffer, id: 4, dph_base: 0.4 },
        ],
      },
    });
    await fault('sloppySearch', 1);
    const sloppy = JSON.parse((await raw('POST', '/api/v0/bundles/', { gpu_ram: { gte: 24_000 } })).body) as {
      offers: unknown[];
    };
    expect(sloppy.offers).toHaveLength(4);
    await fault('sloppySearch', 1);
    const offers = await run(vast.search({ ...needs, gpuNames: ['RTX 4090'] }, signal));
    expect(offers.map(({ offerId }) => offerId)).toEqual([4, 3]);
  });

  test('an empty market is no error', async () => {
    const { vast, run } = await opened();
    expect(await run(vast.search({ ...needs, gpuCount: 16 }, signal))).toEqual([]);
  });

  test('V1: three offers are gone behind a 400; the fourth is rented and none is asked twice', async () => {
    const { vast, run, fault, books } = await opened();
    const offers = await run(vast.search(needs, signal));
    await fault('offerGone', 3);
    for (const { offerId } of offers.slice(0, 3)) {
      expect(await run(codeOf(vast.create(order(offerId), signal)))).toBe('VAST_OFFER_GONE terminal');
    }
    expect(await run(vast.create(order(offers[3]!.offerId), signal))).toEqual({ instanceId: 20_000_001 });
    expect(await books()).toMatchObject({ instancesCreated: 1, live: 1 });
  });

  test('V3: a create whose answer is lost is unknown, and exactly one instance is found by its label', async () => {
    const { vast, run, fault, books } = await opened();
    await fault('createReplyLost', 1);
    expect(await run(codeOf(vast.create(order(501), signal)))).toBe('VAST_CREATE_UNKNOWN unknown-outcome');
    const found = await run(listUntil(vast, (instances) => instances.length > 0));
    expect(found.map(({ label }) => label)).toEqual(['ghm:d1:lease501:1']);
    expect(await books()).toMatchObject({ instancesCreated: 1 });
  });

  test('V4: a success without an id is unknown, and found by its label', async () => {
    const { vast, run, fault } = await opened();
    await fault('createNoId', 1);
    expect(await run(codeOf(vast.create(order(501), signal)))).toBe('VAST_CREATE_UNKNOWN unknown-outcome');
    const [found] = await run(listUntil(vast, (instances) => instances.length > 0));
    expect(found?.label).toBe('ghm:d1:lease501:1');
  });

  test('V5: a new instance is not in the list for some seconds, and the list is valid all the same', async () => {
    const { vast, run, fault, now } = await opened({ speed: 50 });
    await fault('slowList', 20_000);
    const before = now();
    await run(vast.create(order(501), signal));
    expect(await run(vast.list(signal))).toEqual({ instances: [], totalInstances: 0 });
    await run(listUntil(vast, (instances) => instances.length === 1));
    expect(now() - before).toBeGreaterThanOrEqual(20_000);
  });

  test('V6: a failed create that left an instance is unknown, and what it left reads as failed', async () => {
    const { vast, run, fault } = await opened();
    await fault('createFailsWithContract', 1);
    expect(await run(codeOf(vast.create(order(501), signal)))).toBe('VAST_CREATE_UNKNOWN unknown-outcome');
    const [left] = await run(listUntil(vast, (instances) => instances.length > 0));
    expect(verdict(left!)).toMatchObject({ kind: 'failed', fault: { code: 'VAST_INSTANCE_FAILED' } });
    expect(await run(vast.destroy(left!.instanceId, signal))).toBe('accepted');
  });

  test('V7: each form of a 429 means the same, and the next call keeps a growing distance', async () => {
    const { vast, run, fault, now } = await opened();
    await fault('create429', 4);
    const answeredAt: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      const refused = codeOf(vast.create(order(501), signal)).then((code) => ({ code, at: now() }));
      const { code, at } = await run(refused);
      expect(code).toBe('VAST_RATE_LIMITED retryable');
      answeredAt.push(at);
    }
    const gaps = answeredAt.slice(1).map((at, index) => at - answeredAt[index]!);
    expect(gaps[0]).toBeGreaterThanOrEqual(15_000);
    expect(gaps[1]).toBeGreaterThanOrEqual(30_000);
    expect(gaps[2]).toBeGreaterThanOrEqual(60_000);
    expect(await run(vast.create(order(501), signal))).toEqual({ instanceId: 20_000_001 });
  });

  test('V7: the throttles answer hasty callers in all four forms, and a pause can be cut short', async () => {
    const { vast, run, raw } = await opened({ speed: 20 });
    const hasty = await Promise.all(Array.from({ length: 14 }, () => raw('POST', '/api/v0/bundles/', {})));
    const refused = hasty.filter(({ status }) => status === 429).map(({ body }) => body);
    expect(refused).toHaveLength(4);
    expect(new Set(refused).size).toBe(4);
    // The stranger's calls count for the same key, so the daemon is refused too, and told so.
    expect(await run(codeOf(vast.search(needs, signal)))).toBe('VAST_RATE_LIMITED retryable');
    const hurry = new AbortController();
    const waiting = codeOf(vast.search(needs, hurry.signal));
    hurry.abort(new Error('deadline'));
    expect(await run(waiting)).toBe('ABORTED retryable');
  });
}
