import { describe, expect, it } from 'vitest';
import { HybridError } from '../../src/errors.ts';
import { settle } from '../../src/runtime/virtual-clock.ts';
import { sink, worker } from './charts.ts';
import { Rig } from './rig.ts';

const charts = { worker, sink };

describe('a step', () => {
  it('is durable when send returns: another process finds the row where it was', async () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', { name: 'w' });
    expect(rig.runtime.send('w', { type: 'GO' })).toBe(true);
    await rig.restart();
    expect(rig.value('w')).toBe('working');
    expect(rig.context('w')['count']).toBe(1);
  });

  it('is refused for a row that is not there, or finished', () => {
    const rig = new Rig(charts);
    expect(rig.runtime.send('w', { type: 'GO' })).toBe(false);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'FINISH' });
    expect(rig.runtime.send('w', { type: 'GO' })).toBe(false);
    expect(rig.runtime.row('w')).toMatchObject({ status: 'done', value: 'finished' });
  });

  it('stamps the event with the time, unless it brings one', () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'STAMP' });
    expect(rig.context('w')['at']).toBe(1_000_000);
    rig.runtime.send('w', { type: 'STAMP', at: 5 });
    expect(rig.context('w')['at']).toBe(5);
  });

  it('stands in the journal with its global number, and listeners hear of it in order after the commit', () => {
    const rig = new Rig(charts);
    const heard: number[] = [];
    rig.runtime.onStep((entry) => {
      heard.push(entry.seq);
      if (entry.event.type === 'TELL' && entry.event['n'] === 1)
        rig.runtime.send('w', { type: 'TELL', n: 2 });
    });
    rig.runtime.open('sink', 'sink', undefined);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'TELL', n: 1 });
    const journal = rig.runtime.journalSince(0, 100);
    expect(journal.map(({ event }) => event.type)).toEqual([
      'xstate.init',
      'xstate.init',
      'TELL',
      'TELL',
      'NOTE',
      'NOTE',
    ]);
    expect(heard).toEqual(journal.map(({ seq }) => seq));
    expect(rig.context('sink')['notes']).toEqual([1, 2]);
  });

  it('lists open rows, and finished ones on request', () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'a', undefined);
    rig.runtime.open('worker', 'b', undefined);
    rig.runtime.open('sink', 'c', undefined);
    rig.runtime.send('a', { type: 'FINISH' });
    expect(rig.runtime.rows({ chart: 'worker' }).map(({ id }) => id)).toEqual(['b']);
    expect(rig.runtime.rows({ chart: 'worker', all: true }).map(({ id }) => id)).toEqual(['b', 'a']);
    expect(rig.runtime.rows({ all: true, limit: 2 })).toHaveLength(2);
  });

  it('leaves an existing row alone when it is opened again, finished or not', () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'GO' });
    rig.runtime.open('worker', 'w', undefined);
    expect(rig.value('w')).toBe('working');
    rig.runtime.send('w', { type: 'FINISH' });
    rig.runtime.open('worker', 'w', undefined);
    expect(rig.runtime.row('w')?.status).toBe('done');
  });
});

describe('an effect', () => {
  it('starts after the commit, under an id made of row, step and actor, with plain input', async () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'GO' });
    expect(rig.store.intents.all()).toMatchObject([{ id: 'w:2:job', src: 'job', input: { count: 1 } }]);
    expect(rig.runs).toHaveLength(0);
    await settle();
    expect(rig.runs[0]?.call).toMatchObject({ intentId: 'w:2:job', rowId: 'w', isResumed: false });
    expect(rig.runtime.row('w')?.openIntents).toEqual(['w:2:job']);
  });

  it('hands its result to the chart and closes its intent in the same step', async () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'GO' });
    await settle();
    await rig.runs[0]!.done({ machine: 7, nothing: undefined });
    expect(rig.value('w')).toBe('idle');
    expect(rig.context('w')['output']).toEqual({ machine: 7 });
    expect(rig.store.intents.all()).toEqual([]);
  });

  it('hands a failure over as plain data with its class, whatever was thrown', async () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'GO' });
    await settle();
    await rig.runs[0]!.fail(new HybridError({ code: 'VAST_OFFER_GONE', message: 'taken' }));
    expect(rig.context('w')['error']).toEqual({
      code: 'VAST_OFFER_GONE',
      class: 'terminal',
      message: 'taken',
    });
    await rig.restart();
    expect(rig.value('w')).toBe('backoff');
    expect(rig.context('w')['error']).toMatchObject({ code: 'VAST_OFFER_GONE' });
  });

  it('runs again under the same id after a crash, and knows that it does', async () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'GO' });
    await settle();
    await rig.restart();
    expect(rig.runs.map(({ call }) => [call.intentId, call.input, call.isResumed])).toEqual([
      ['w:2:job', { count: 1 }, true],
    ]);
    await rig.runs[0]!.done(1);
    rig.runtime.send('w', { type: 'GO' });
    await settle();
    expect(rig.runs[1]?.call).toMatchObject({ intentId: 'w:4:job', isResumed: false });
  });

  it('is aborted when its state is left, and its answer to that is no news', async () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'GO' });
    await settle();
    rig.runtime.send('w', { type: 'LEAVE' });
    const run = rig.runs[0]!;
    expect(run.call.signal.aborted).toBe(true);
    await run.fail(run.call.signal.reason);
    expect(rig.late).toEqual([]);
  });

  it('that answers although its state was left is journaled as late and reported, and changes nothing', async () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'GO' });
    await settle();
    rig.runtime.send('w', { type: 'AGAIN' });
    await settle();
    await rig.runs[0]!.done('too late');
    expect(rig.late).toEqual(['w:2:job']);
    expect(rig.value('w')).toBe('working');
    expect(rig.events('w').at(-1)).toMatchObject({
      type: 'runtime.late',
      intentId: 'w:2:job',
      outcome: { kind: 'done', output: 'too late' },
    });
    await rig.runs[1]!.done('in time');
    expect(rig.context('w')['output']).toBe('in time');
  });

  it('that was taken back by the very next step never starts', async () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'GO' });
    rig.runtime.send('w', { type: 'LEAVE' });
    await settle();
    expect(rig.runs).toEqual([]);
  });

  it('is told to stop with the runtime, and writes nothing after that', async () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'GO' });
    await settle();
    const stopping = rig.runtime.stop();
    expect(rig.runs[0]?.call.signal.aborted).toBe(true);
    await rig.runs[0]!.done('after the end');
    await stopping;
    expect(rig.clock.pending).toBe(0);
    expect(rig.store.intents.all()).toHaveLength(1);
    expect(rig.runtime.send('w', { type: 'LEAVE' })).toBe(false);
  });
});

describe('what a step writes beside the state', () => {
  it('keeps lease columns apart from the snapshot, each until it is given anew', () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'MONEY' });
    const kept = { rowId: 'w', label: 'ghm:d:l:1', instanceId: 7, price: 400_000, ttlUntil: 9 };
    expect(rig.runtime.leases()).toMatchObject([
      { ...kept, isGone: false, reserved: 5_000_000, settled: null },
    ]);
    rig.runtime.send('w', { type: 'MONEY.END' });
    expect(rig.runtime.leases()).toMatchObject([{ ...kept, isGone: true, settled: 1_250_000 }]);
  });

  it('raises one alert a key, renews it in place and clears it', async () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'ALERT', n: 1 });
    await rig.clock.advanceBy(10);
    rig.runtime.send('w', { type: 'ALERT', n: 2 });
    expect(rig.runtime.alerts()).toEqual([
      { key: 'k', rowId: 'w', code: 'VAST_NO_OFFER', message: '2', since: 1_000_000 },
    ]);
    rig.runtime.send('w', { type: 'ALERT.END' });
    expect(rig.runtime.alerts()).toEqual([]);
  });

  it('opens a row in the same transaction, and leaves one that exists alone', () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'OPEN' });
    rig.runtime.send('opened', { type: 'NOTE', n: 1 });
    rig.runtime.send('w', { type: 'OPEN' });
    expect(rig.context('opened')['notes']).toEqual([1]);
  });
});
