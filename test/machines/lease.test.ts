import { describe, expect, test } from 'vitest';
import type { LeaseContext } from '../../src/machines/lease-context.ts';
import { charts } from '../../src/wiring/charts.ts';
import { bootLimits, leaseActors, leaseInput } from '../model/sample-rows.ts';
import { OneRow } from './one-row.ts';

const openedAt = 1_000_000;
const input = leaseInput('A', 'epoch:7', openedAt);
const lease = () => new OneRow<LeaseContext>(charts.lease, leaseActors, input, 'lease:A');
const endpoints = [{ via: 'direct', host: '203.0.113.9', port: 40_022 }];
const hostKey = 'ssh-ed25519 AAAA';

async function running(): Promise<OneRow<LeaseContext>> {
  const row = lease();
  await row.done({ instanceId: 4_711 });
  await row.done({ endpoints, price: 1_000_000 });
  return row;
}

async function held(): Promise<OneRow<LeaseContext>> {
  const row = await running();
  await row.done({ hostKey });
  await row.done();
  await row.done({ gpus: ['H100, 81559'] });
  return row;
}

async function released(): Promise<OneRow<LeaseContext>> {
  const row = await held();
  await row.send({ type: 'LEASE.RELEASE_ASKED', reason: 'PoC 7 is over' });
  return row;
}

const told = (row: OneRow, to: string): string[] =>
  row.rig
    .events('lease:A')
    .filter((event) => event.type === 'runtime.undelivered' && event['to'] === to)
    .map((event) => (event['event'] as { type: string }).type);

describe('a lease', () => {
  test('has its row, its label and its reservation before anything is asked of the provider', () => {
    const row = lease();
    expect(row.state).toBe('creating');
    expect(row.rig.runs).toEqual([]);
    expect(row.rig.runtime.leases()).toEqual([
      {
        rowId: 'lease:A',
        label: input.label,
        instanceId: null,
        price: input.offer.price,
        isGone: false,
        reserved: input.reserved,
        settled: null,
        openedAt,
      },
    ]);
  });

  test('hands each phase what it needs', async () => {
    const row = await lease().started();
    const { offer, callbackPort } = input;
    const inputs: unknown[] = [row.running?.input];
    for (const output of [{ instanceId: 4_711 }, { endpoints, price: 1_000_000 }, { hostKey }, null]) {
      await row.done(output);
      inputs.push(row.running?.input);
    }
    await row.done({ gpus: [] });
    inputs.push(row.running?.input);
    expect(inputs).toEqual([
      { leaseId: 'A', label: input.label, offer, callbackPort, ttlMs: input.ttlMs },
      { instanceId: 4_711, priceMax: offer.price },
      { leaseId: 'A', endpoints, hostKey: null, callbackPort, authGraceMs: bootLimits.authGraceMs },
      { leaseId: 'A' },
      { leaseId: 'A', gpuCount: 2, model: null },
      { leaseId: 'A', instanceId: 4_711 },
    ]);
    expect(row.context.hostKey).toBe(hostKey);
  });

  test('loads the model that its work needs before it is looked at, and says how far it is', async () => {
    const row = await running();
    await row.done({ hostKey });
    await row.done({ model: 'org/model' });
    expect(row.state).toBe('loadingModel');
    expect((await row.started()).running).toEqual({
      actor: 'loadModel',
      input: { leaseId: 'A', model: 'org/model' },
    });
    const progress = { step: 'downloading', elapsedSeconds: 60 };
    await row.send({ type: 'LEASE.MODEL_PROGRESS', progress });
    expect(row.context.modelProgress).toEqual(progress);
    await row.done(null);
    expect((await row.started()).running).toEqual({
      actor: 'qualifyMachine',
      input: { leaseId: 'A', gpuCount: 2, model: 'org/model' },
    });
    const facts = { gpus: ['H100, 81559'], cudaVersion: 13, callbackPath: 'proven' };
    await row.done(facts);
    expect(row.context).toMatchObject({ model: 'org/model', modelProgress: null, facts });
  });

  test.each([
    ['MODEL_OUT_OF_MEMORY', (row: OneRow) => row.fail('MODEL_OUT_OF_MEMORY')],
    ['MODEL_DOWNLOAD_FAILED', (row: OneRow) => row.fail('MODEL_DOWNLOAD_FAILED')],
    ['MODEL_START_FAILED', (row: OneRow) => row.fail('MODEL_START_FAILED')],
    ['MODEL_START_SLOW', (row: OneRow) => row.rig.clock.advanceBy(45 * 60_000)],
  ] as const)('goes back with %s when its model does not come up', async (code, end) => {
    const row = await running();
    await row.done({ hostKey });
    await row.done({ model: 'org/model' });
    await row.started();
    await end(row);
    expect(row.state).toBe('releasing.destroying');
    expect(row.context).toMatchObject({ reason: code, fault: { code, class: 'terminal' } });
    expect(told(row, 'epoch:7')).toEqual(['LEASE.ENDED']);
  });

  test('raises an alert, and is used all the same, when the port for callbacks is silent', async () => {
    const row = await running();
    await row.done({ hostKey });
    await row.done();
    await row.done({ gpus: [], callbackPath: 'toRelay' });
    expect(row.state).toBe('held.ready');
    expect(row.alerts).toEqual(['CALLBACK_PORT_SILENT']);
  });

  test('keeps in columns what any later version needs to release the machine', async () => {
    const row = await running();
    expect(row.rig.runtime.leases()[0]).toMatchObject({
      instanceId: 4_711,
      ttlUntil: openedAt + input.ttlMs,
    });
  });

  test('tells its epoch that it is usable, and later that it ended and that it is gone', async () => {
    const row = await released();
    await row.done('accepted');
    await row.done({ isGone: true });
    expect(told(row, 'epoch:7')).toEqual(['LEASE.READY', 'LEASE.ENDED', 'LEASE.GONE']);
    expect(told(row, 'service')).toEqual(['MACHINE.LOST']);
  });

  test('tells a second end when the provider still lists the machine', async () => {
    const row = await released();
    await row.done('accepted');
    await row.done({ isGone: false });
    await row.rig.clock.advanceBy(6_000);
    await row.done('accepted');
    await row.done({ isGone: true });
    expect(told(row, 'epoch:7')).toEqual(['LEASE.READY', 'LEASE.ENDED', 'LEASE.ENDED', 'LEASE.GONE']);
    expect(row.isDone).toBe(true);
  });

  test('settles disk from the rental on, GPU from the first run on, and the traffic', async () => {
    const row = lease();
    await row.done({ instanceId: 4_711 });
    await row.rig.clock.advanceBy(600_000);
    await row.done({ endpoints, price: 1_000_000, runningAt: row.rig.clock.now() });
    await row.rig.clock.advanceBy(120_000);
    await row.send({ type: 'LEASE.RELEASE_ASKED', reason: 'enough' });
    await row.done('accepted');
    await row.done({ isGone: true });
    // 12 minutes of disk at $0.1/h, 2 minutes of GPU at $0.9/h, one cent of traffic.
    expect(row.rig.runtime.leases()[0]?.settled).toBe(20_000 + 30_000 + 10_000);
  });

  test('whose container began unseen is metered, and ends by itself, as if it had run from the create on', async () => {
    const row = lease();
    const openedAt = row.rig.clock.now();
    await row.done({ instanceId: 4_711 });
    await row.rig.clock.advanceBy(600_000);
    await row.done({ endpoints, price: 1_000_000, runningAt: null });
    expect(row.context).toMatchObject({ runningAt: row.context.openedAt });
    expect(row.context.openedAt).toBeLessThanOrEqual(openedAt);
    expect(row.context.ttlUntil).toBe(row.context.openedAt + row.context.ttlMs);
  });

  test('that never came to be costs nothing', async () => {
    const row = lease();
    await row.fail('VAST_OFFER_GONE');
    expect(row.isDone).toBe(true);
    expect(row.rig.runtime.leases()[0]).toMatchObject({ isGone: true, settled: 0, instanceId: null });
    expect(told(row, 'epoch:7')).toEqual(['LEASE.ENDED', 'LEASE.GONE']);
  });

  test('a refused destroy is tried again for ever, each pause longer, a minute at most, and alerted', async () => {
    const row = await released();
    for (const seconds of [6, 12, 24, 48, 60, 60, 60]) {
      await row.fail('VAST_UNREACHABLE');
      expect(row.alerts).toEqual(['VAST_UNREACHABLE']);
      expect(row.state).toBe('releasing.pausing');
      expect(await row.lasts(seconds * 1_000)).toBe(true);
      expect(row.state).toBe('releasing.destroying');
    }
    await row.done('accepted');
    expect(row.alerts).toEqual(['VAST_UNREACHABLE']);
    await row.done({ isGone: true });
    expect(row.alerts).toEqual([]);
  });

  test('a list that proves nothing is asked for again after ten seconds, without another destroy', async () => {
    const row = await released();
    await row.done('no_such_instance');
    await row.fail('VAST_LIST_UNKNOWN');
    expect(row.state).toBe('confirmingGone.pausing');
    expect(await row.lasts(10_000)).toBe(true);
    expect(row.running).toEqual({
      actor: 'confirmAbsence',
      input: { instanceId: 4_711, createdAt: row.context.createdAt },
    });
  });

  test('a limit that passes while the daemon is down ends the boot at the next start', async () => {
    const row = lease();
    await row.done({ instanceId: 4_711 });
    row.rig.clock.jumpBy(bootLimits.loadMs);
    await row.rig.restart();
    expect(row.state).toBe('releasing.destroying');
    expect(row.context.fault?.code).toBe('MACHINE_NEVER_BOOTED');
    expect(row.rig.runs.map(({ call }) => call.intentId.split(':').at(-1))).toEqual(['destroyInstance']);
  });

  test('a restart does not lengthen a limit', async () => {
    const row = await running();
    await row.rig.clock.advanceBy(bootLimits.connectMs - 1_000);
    await row.rig.restart();
    expect(row.state).toBe('connecting');
    await row.rig.clock.advanceBy(1_000);
    expect(row.state).toBe('releasing.destroying');
  });

  test('the first reason stays, whatever happens afterwards', async () => {
    const row = lease();
    await row.send({ type: 'LEASE.RELEASE_ASKED', reason: 'first' });
    await row.send({ type: 'LEASE.RELEASE_ASKED', reason: 'second' });
    await row.fail('VAST_OFFER_GONE');
    expect(row.context).toMatchObject({ reason: 'first', fault: { code: 'VAST_OFFER_GONE' } });
  });
});
