import { describe, expect, test } from 'vitest';
import type { EpochContext } from '../../src/machines/epoch-context.ts';
import { samplePlan } from '../model/sample-rows.ts';
import {
  crewOf,
  epoch,
  height,
  news,
  opening,
  plan,
  renting,
  staffed,
  terminal,
  told,
  typesTold,
} from './epoch-alone.ts';
import type { OneRow } from './one-row.ts';

describe('a PoC of several machines', () => {
  test('is ready when all of them are, names those it has, and takes no second slice of one', async () => {
    const row = await renting('sprint', 2);
    await row.done(opening('A'));
    expect(row.running?.input).toMatchObject({ crewMachineIds: [70], crewSize: 1 });
    await row.done(opening('B', 71));
    await row.send(news('LEASE.READY', 'A'));
    expect([row.state, row.context.crew.map(({ isReady }) => isReady)]).toEqual(['booting', [true, false]]);
    await row.send(news('LEASE.READY', 'B'));
    expect(row.state).toBe('ready');
  });

  test('goes on with the others when one is lost while it generates and validates', async () => {
    const row = await staffed('sprint');
    height(row, 1_000);
    await row.send(news('LEASE.ENDED', 'A', { fault: terminal }));
    expect([row.state, crewOf(row), row.context.fault]).toEqual(['generating', ['B'], terminal]);
    height(row, 1_060);
    await row.started();
    expect(row.state).toBe('validating');
    await row.send(news('LEASE.ENDED', 'B', { fault: terminal }));
    expect([row.state, row.context.outcome]).toEqual(['releasing.counting', 'failed']);
  });

  test('begins at poc_start with those that are there, and the others join the work', async () => {
    const row = await renting('sprint', 2);
    await row.done(opening('A'));
    await row.done(opening('B', 71));
    await row.send(news('LEASE.READY', 'A'));
    height(row, 1_000);
    await row.started();
    expect(row.state).toBe('generating');
    expect([typesTold(row, 'lease:A'), typesTold(row, 'lease:B')]).toEqual([['LEASE.WORK_STARTED'], []]);
    await row.send(news('LEASE.READY', 'B'));
    expect(typesTold(row, 'lease:B')).toEqual(['LEASE.WORK_STARTED']);
  });

  test('lets those go that boot beyond its width, and tells them why', async () => {
    const row = await renting('sprint', 1);
    await row.done(opening('A'));
    height(row, 970);
    await row.send(news('LEASE.READY', 'nobody'));
    expect(row.context.stage).toBe(2);
    await row.send({ type: 'CREW.GIVEN', members: [{ leaseId: 'B', machineId: 71, isReady: false }] });
    await row.send(news('LEASE.READY', 'A'));
    expect([row.state, crewOf(row)]).toEqual(['ready', ['A']]);
    expect(told(row, 'lease:B')).toEqual([{ type: 'LEASE.RELEASE_ASKED', reason: 'PoC 7 has its machines' }]);
  });

  test('sends home at the last start who is not ready in a sprint, and keeps it under the epoch policy', async () => {
    for (const [mode, crew] of [
      ['sprint', ['A']],
      ['epoch', ['A', 'B']],
    ] as const) {
      const row = await renting(mode, 2);
      await row.done(opening('A'));
      await row.done(opening('B', 71));
      await row.send(news('LEASE.READY', 'A'));
      height(row, 1_000);
      height(row, 1_055);
      await row.started();
      expect([row.state, crewOf(row)]).toEqual(['generating', crew]);
    }
  });

  test('sends all home when it is over, and says whom it waits for after ten minutes', async () => {
    const row = await staffed('sprint');
    height(row, 1_185);
    await row.started();
    for (const leaseId of ['A', 'B'])
      expect(told(row, `lease:${leaseId}`).at(-1)).toEqual({
        type: 'LEASE.RELEASE_ASKED',
        reason: 'PoC 7 is over',
      });
    await row.send(news('LEASE.GONE', 'A'));
    expect([row.state, crewOf(row)]).toEqual(['releasing.returning', ['B']]);
    expect(await row.lasts(600_000)).toBe(false);
    expect(row.rig.runtime.alerts().map(({ message }) => message)).toEqual([
      'not proven gone yet: the machines of leases B',
    ]);
    await row.send(news('LEASE.GONE', 'B'));
    expect(row.running).toEqual({ actor: 'countWork', input: { plan: plan('sprint', 2), crew: [] } });
    expect(row.alerts).toEqual([]);
    await row.done({ noncesDelivered: 1, validationsDelivered: 1, callbacksUndeliverable: 0 });
    expect([row.state, row.context.outcome]).toEqual(['settled', 'completed']);
  });

  test('is missed when nothing that it generated was taken', async () => {
    const row = await staffed('sprint');
    height(row, 1_185);
    for (const leaseId of ['A', 'B']) await row.send(news('LEASE.GONE', leaseId));
    await row.done({ noncesDelivered: 0, validationsDelivered: 4, callbacksUndeliverable: 0 });
    expect(row.context.outcome).toBe('missed');
  });
});

describe('machines that are kept for the next PoC', () => {
  async function holding(): Promise<OneRow<EpochContext>> {
    const row = await staffed('epoch');
    height(row, 1_185);
    await row.started();
    expect(row.state).toBe('holding');
    return row;
  }

  test('are handed over as far as they are wanted, with their new reservation; the others go back', async () => {
    const row = await holding();
    const leases = [
      { leaseId: 'A', reserved: 5 },
      { leaseId: 'stranger', reserved: 6 },
    ];
    await row.send({ type: 'CREW.WANTED', to: 'epoch:8', leases });
    expect(told(row, 'lease:A').at(-1)).toEqual({ type: 'LEASE.HANDED_OVER', owner: 'epoch:8', reserved: 5 });
    expect(told(row, 'lease:stranger')).toEqual([]);
    expect(typesTold(row, 'lease:B').at(-1)).toBe('LEASE.RELEASE_ASKED');
    expect(told(row, 'epoch:8')).toEqual([
      { type: 'CREW.GIVEN', members: [{ leaseId: 'A', machineId: 70, isReady: true }] },
    ]);
    expect([row.state, crewOf(row)]).toEqual(['releasing.returning', ['B']]);
  });

  test('are replaced when one is lost, and go back at the end of the hold', async () => {
    const row = await holding();
    await row.send(news('LEASE.ENDED', 'A', { fault: terminal }));
    expect(row.state).toBe('replacing.choosing');
    await row.done(opening('C', 72));
    await row.send(news('LEASE.READY', 'C'));
    expect([row.state, crewOf(row)]).toEqual(['holding', ['B', 'C']]);
    height(row, 1_600);
    await row.started();
    expect(row.state).toBe('releasing.returning');
  });

  test('are asked of the row before, and none is rented once it gives them', async () => {
    const row = epoch('epoch', 1);
    height(row, 950);
    await row.started();
    expect(row.running).toEqual({
      actor: 'findKeptCrew',
      input: { plan: plan('epoch', 1), owner: 'epoch:7' },
    });
    const leases = [{ leaseId: 'A', reserved: 5 }];
    await row.done({ from: 'epoch:6', leases });
    expect(row.state).toBe('takingOver.asking');
    expect(told(row, 'epoch:6')).toEqual([{ type: 'CREW.WANTED', to: 'epoch:7', leases }]);
    const member = { leaseId: 'A', machineId: 70, isReady: true };
    await row.send({ type: 'CREW.GIVEN', members: [member] });
    expect([row.state, row.context.crew, row.context.rentals]).toEqual(['ready', [member], 0]);
    await row.send({ type: 'CREW.GIVEN', members: [{ ...member, isReady: false }] });
    expect(row.context.crew).toEqual([member]);
  });

  test('are waited for ten seconds', async () => {
    const row = epoch('epoch', 1);
    height(row, 950);
    await row.started();
    await row.done({ from: 'epoch:6', leases: [] });
    expect(await row.lasts(10_000)).toBe(true);
    expect(row.running?.actor).toBe('chooseOffer');
  });

  test('are none while nothing is held: the asker hears so', async () => {
    const row = await epoch('sprint', 1).started();
    await row.send({ type: 'CREW.WANTED', to: 'epoch:8', leases: [{ leaseId: 'A', reserved: 5 }] });
    expect([row.state, told(row, 'epoch:8')]).toEqual(['idle', [{ type: 'CREW.GIVEN', members: [] }]]);
  });
});

describe('the plan of a PoC', () => {
  test('that rents nothing skips it', async () => {
    const row = await epoch('off', 1).started();
    expect([row.state, row.isDone, row.context.outcome]).toEqual(['skipped', true, 'skipped']);
  });

  test('is followed anew while nothing is rented, and not afterwards', async () => {
    const row = await epoch('sprint', 1).started();
    const later = samplePlan('sprint', 100);
    await row.send({ type: 'PLAN.CHANGED', plan: later });
    expect(row.context.plan).toEqual(later);
    height(row, 999);
    await row.started();
    expect(row.state).toBe('idle');
    height(row, 1_000);
    await row.started();
    expect(row.state).toBe('approaching');
    await row.send({ type: 'PLAN.CHANGED', plan: samplePlan('off') });
    expect(row.state).toBe('skipped');
  });

  test('that differs in nothing that matters is no news', async () => {
    const row = await epoch('sprint', 1).started();
    await row.send({ type: 'PLAN.CHANGED', plan: { ...plan('sprint', 1), readyChance: 0.5 } });
    expect(row.context.plan.readyChance).toBe(0.99);
  });
});
