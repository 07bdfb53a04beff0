import { describe, expect, test } from 'vitest';
import type { LeaseContext } from '../../src/machines/lease-context.ts';
import { charts } from '../../src/wiring/charts.ts';
import { leaseActors, leaseInput } from '../model/sample-rows.ts';
import { OneRow } from './one-row.ts';

const input = leaseInput('A', 'epoch:7', 1_000_000);
const endpoints = [{ via: 'direct', host: '203.0.113.9', port: 40_022 }];
const hostKey = 'ssh-ed25519 AAAA';
const lease = () => new OneRow<LeaseContext>(charts.lease, leaseActors, input, 'lease:A');
const told = (row: OneRow, to: string) =>
  row.rig
    .events('lease:A')
    .filter((event) => event.type === 'runtime.undelivered' && event['to'] === to)
    .map((event) => (event['event'] as { type: string }).type);

/** The answer to the create was lost. */
async function lost(): Promise<OneRow<LeaseContext>> {
  const row = lease();
  await row.fail('VAST_CREATE_UNKNOWN', 'unknown-outcome');
  return row;
}
async function held(): Promise<OneRow<LeaseContext>> {
  const row = lease();
  const outputs = [
    { instanceId: 4_711 },
    { endpoints, price: 1_000_000, runningAt: null },
    { hostKey },
    null,
    { gpus: ['H100, 81559'] },
  ];
  for (const output of outputs) await row.done(output);
  return row;
}

describe('a lease whose create was lost', () => {
  test('asks for its label, and never creates a second time', async () => {
    const row = await lost();
    expect(row.state).toBe('lookingUp.looking');
    expect(row.running).toEqual({ actor: 'lookUpLabel', input: { label: input.label } });
    await row.fail('VAST_LIST_UNKNOWN');
    expect(row.state).toBe('lookingUp.pausing');
    expect(await row.lasts(15_000)).toBe(true);
    expect(row.running?.actor).toBe('lookUpLabel');
  });

  test('goes on with the machine that bears it, as if the answer had come', async () => {
    const row = await lost();
    await row.rig.clock.advanceBy(7_000);
    await row.done({ instanceId: 4_711 });
    expect(row.state).toBe('loading');
    expect(row.context).toMatchObject({ instanceId: 4_711, createdAt: row.rig.clock.now() });
    expect(row.rig.runtime.leases()[0]?.instanceId).toBe(4_711);
  });

  test('destroys the machine that bears it when nobody wants it any more', async () => {
    const row = await lost();
    await row.send({ type: 'LEASE.RELEASE_ASKED', reason: 'enough' });
    expect(row.state).toBe('lookingUp.looking');
    await row.done({ instanceId: 4_711 });
    expect(row.state).toBe('releasing.destroying');
    expect(row.running).toEqual({ actor: 'destroyInstance', input: { leaseId: 'A', instanceId: 4_711 } });
  });

  test.each([[true], [false]])(
    'ends when no machine bears it, whether it was wanted or not: %s',
    async (isWanted) => {
      const row = await lost();
      if (!isWanted) await row.send({ type: 'LEASE.RELEASE_ASKED', reason: 'enough' });
      await row.done({ instanceId: null });
      expect([row.isDone, row.context.fault?.code]).toEqual([true, 'VAST_CREATE_UNKNOWN']);
      expect(told(row, 'epoch:7')).toEqual(['LEASE.ENDED', 'LEASE.GONE']);
      expect(row.rig.runtime.leases()[0]).toMatchObject({ isGone: true, settled: 0 });
    },
  );
});

describe('a lease that is handed over', () => {
  const handOver = { type: 'LEASE.HANDED_OVER', owner: 'epoch:8', reserved: 4_000_000 };

  test('belongs to the new owner with its reservation, and tells it that it is ready', async () => {
    const row = await held();
    await row.rig.clock.advanceBy(60_000);
    await row.send(handOver);
    expect(row.context).toMatchObject({
      owner: 'epoch:8',
      reserved: 4_000_000,
      ownedSince: row.rig.clock.now(),
    });
    expect(row.rig.runtime.leases()[0]?.reserved).toBe(4_000_000);
    expect(told(row, 'epoch:8')).toEqual(['LEASE.READY']);
  });

  test('while it boots says nothing until it is ready', async () => {
    const row = lease();
    await row.done({ instanceId: 4_711 });
    await row.send(handOver);
    expect(row.context).toMatchObject({ owner: 'epoch:8', reserved: 4_000_000 });
    expect(told(row, 'epoch:8')).toEqual([]);
  });

  test('too late tells the new owner that it ends', async () => {
    const row = await held();
    await row.send({ type: 'LEASE.RELEASE_ASKED', reason: 'enough' });
    await row.send(handOver);
    expect(told(row, 'epoch:8')).toEqual(['LEASE.ENDED']);
  });

  test('knows since when it is ready', async () => {
    const row = await held();
    expect(row.context.readyAt).toBe(row.rig.clock.now());
  });
});

describe('a machine that takes too long', () => {
  test.each([
    [
      'to load its model, three quarters of an hour',
      { model: 'org/name' },
      'loadingModel',
      45,
      'MODEL_START_SLOW',
    ],
    ['to qualify, five minutes', null, 'qualifying', 5, 'MACHINE_NEVER_BOOTED'],
  ] as const)('%s, is let go', async (_, model, state, minutes, code) => {
    const row = lease();
    for (const output of [
      { instanceId: 4_711 },
      { endpoints, price: 1_000_000, runningAt: null },
      { hostKey },
      model,
    ])
      await row.done(output);
    expect(row.state).toBe(state);
    expect(await row.lasts(minutes * 60_000)).toBe(true);
    expect([row.state, row.context.fault?.code]).toEqual(['releasing.destroying', code]);
  });
});
