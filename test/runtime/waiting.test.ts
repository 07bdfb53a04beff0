import { describe, expect, it } from 'vitest';
import { blockHeight } from '../../src/units.ts';
import { settle } from '../../src/runtime/virtual-clock.ts';
import { sink, worker } from './charts.ts';
import { Rig } from './rig.ts';

const charts = { worker, sink };
const at = (rig: Rig, height: number): void => rig.runtime.heightReached(blockHeight(height));

async function backedOff(): Promise<Rig> {
  const rig = new Rig(charts);
  rig.runtime.open('worker', 'w', undefined);
  rig.runtime.send('w', { type: 'GO' });
  await settle();
  await rig.runs[0]!.fail(new Error('no'));
  expect(rig.value('w')).toBe('backoff');
  return rig;
}

describe('a timer', () => {
  it('fires at its absolute time although a crash came between', async () => {
    const rig = await backedOff();
    await rig.clock.advanceBy(4000);
    await rig.restart();
    await rig.clock.advanceBy(999);
    expect(rig.value('w')).toBe('backoff');
    await rig.clock.advanceBy(1);
    expect(rig.value('w')).toBe('working');
  });

  it('that fell due while the process was down fires at the start, the earliest first', async () => {
    const rig = new Rig(charts);
    for (const id of ['b', 'a']) {
      rig.runtime.open('worker', id, undefined);
      rig.runtime.send(id, { type: 'GO' });
      await rig.clock.advanceBy(10);
    }
    await rig.crash();
    rig.clock.jumpBy(100_000);
    rig.boot();
    const fired = rig.runtime
      .journalSince(0, 100)
      .filter(({ event }) => event.type.startsWith('xstate.after'));
    expect(fired.map(({ rowId }) => rowId)).toEqual(['b', 'a']);
    expect(rig.store.timers.all()).toEqual([]);
  });

  it('fires in the same order as others of the same moment, with a crash or without', async () => {
    const orders: string[][] = [];
    for (const hasCrash of [false, true]) {
      const rig = new Rig(charts);
      for (const id of ['b', 'a']) rig.runtime.open('worker', id, undefined);
      for (const id of ['b', 'a']) rig.runtime.send(id, { type: 'GO' });
      if (hasCrash) await rig.restart();
      await rig.clock.advanceBy(10_000);
      const fired = rig.runtime.journalSince(0, 100).slice(-2);
      expect(fired.map(({ event }) => event.type)).toEqual(
        Array(2).fill('xstate.after.limit.worker.working'),
      );
      orders.push(fired.map(({ rowId }) => rowId));
    }
    expect(orders[0]).toEqual(orders[1]);
  });

  it('goes with the state that armed it', async () => {
    const rig = await backedOff();
    rig.runtime.send('w', { type: 'LEAVE' });
    expect(rig.store.timers.all()).toEqual([]);
    expect(rig.clock.pending).toBe(0);
  });

  it('is armed anew when its state is entered again', async () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'GO' });
    await rig.clock.advanceBy(9000);
    rig.runtime.send('w', { type: 'AGAIN' });
    await rig.clock.advanceBy(9999);
    expect(rig.value('w')).toBe('working');
    await rig.clock.advanceBy(1);
    expect(rig.value('w')).toBe('idle');
  });
});

describe('a height deadline', () => {
  it('fires once its height is reached, with the height that was reached', () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'ARM', height: 100 });
    at(rig, 99);
    expect(rig.context('w')['heights']).toEqual([]);
    at(rig, 103);
    at(rig, 104);
    expect(rig.context('w')['heights']).toEqual([103]);
    expect(rig.store.deadlines.all()).toEqual([]);
  });

  it('costs no write while no deadline is due', () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'ARM', height: 100 });
    const before = rig.store.database.prepare('SELECT total_changes() AS n').get();
    for (let height = 1; height < 100; height++) at(rig, height);
    expect(rig.store.database.prepare('SELECT total_changes() AS n').get()).toEqual(before);
  });

  it('fires in the order of heights, over all rows', () => {
    const rig = new Rig(charts);
    for (const [id, height] of [
      ['a', 30],
      ['b', 10],
      ['c', 20],
    ] as const) {
      rig.runtime.open('worker', id, undefined);
      rig.runtime.send(id, { type: 'ARM', height });
    }
    at(rig, 50);
    const fired = rig.runtime.journalSince(0, 100).filter(({ event }) => event.type === 'HEIGHT');
    expect(fired.map(({ rowId }) => rowId)).toEqual(['b', 'c', 'a']);
  });

  it('fires right after the commit when its height is past already', () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    at(rig, 100);
    rig.runtime.send('w', { type: 'ARM', height: 90 });
    expect(rig.context('w')['heights']).toEqual([100]);
  });

  it('is replaced by one of the same id, and disarmed', () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'ARM', height: 100 });
    rig.runtime.send('w', { type: 'ARM', height: 200 });
    at(rig, 150);
    expect(rig.context('w')['heights']).toEqual([]);
    rig.runtime.send('w', { type: 'DISARM' });
    at(rig, 250);
    expect(rig.context('w')['heights']).toEqual([]);
    expect(rig.clock.pending).toBe(0);
  });

  it('does not wait for ever on a halted chain: its ceiling comes by the clock, over a crash', async () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'ARM', height: 100, ms: 60_000 });
    await rig.clock.advanceBy(50_000);
    await rig.restart();
    await rig.clock.advanceBy(10_000);
    expect(rig.context('w')['heights']).toEqual(['ceiling']);
    at(rig, 100);
    expect(rig.context('w')['heights']).toEqual(['ceiling']);
  });

  it('survives a crash and fires when the chain has passed it meanwhile', async () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'ARM', height: 100 });
    await rig.restart();
    at(rig, 500);
    expect(rig.context('w')['heights']).toEqual([500]);
  });
});
