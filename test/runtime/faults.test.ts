import { assign, createMachine, fromPromise, sendTo, setup } from 'xstate';
import { describe, expect, it } from 'vitest';
import { writes } from '../../src/machines/writes.ts';
import { blockHeight } from '../../src/units.ts';
import { settle } from '../../src/runtime/virtual-clock.ts';
import { chart, sink, worker, workerMachine } from './charts.ts';
import { CrashingStore } from './crashing-store.ts';
import { Rig } from './rig.ts';

const charts = { worker, sink };
const boom = assign((): never => {
  throw new Error('an assign that fails');
});

const fails = (): never => {
  throw new Error('a guard that fails');
};

describe('a chart that throws', () => {
  it('rolls the step back, parks the event and reports it; the row stays and goes on, as do others', () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.open('sink', 'sink', undefined);
    const before = rig.runtime.journalSince(0, 100).length;
    expect(rig.runtime.send('w', { type: 'BOOM', n: 3 })).toBe(true);
    const parked = {
      rowId: 'w',
      event: { type: 'BOOM', n: 3, at: 1_000_000 },
      fault: { code: 'CHART_FAULT', class: 'operator', message: 'an assign that fails' },
    };
    expect(rig.parked).toEqual([parked]);
    expect(rig.store.parked.newest(10)).toMatchObject([parked]);
    expect(rig.runtime.journalSince(0, 100)).toHaveLength(before);
    rig.runtime.send('w', { type: 'GO' });
    expect(rig.value('w')).toBe('working');
    expect(rig.runtime.send('sink', { type: 'NOTE', n: 1 })).toBe(true);
  });

  it('on a result keeps the intent, does not run it again at once, and runs it again after a restart', async () => {
    const machine = createMachine({
      id: 'm',
      context: {},
      invoke: { id: 'job', src: 'job', onDone: { actions: boom } },
      on: { OTHER: { actions: assign({ other: true }) } },
    }).provide({ actors: { job: fromPromise(async () => 1) } });
    const rig = new Rig({ m: chart(machine) });
    rig.runtime.open('m', 'm', undefined);
    await settle();
    await rig.runs[0]!.done(1);
    expect(rig.parked).toMatchObject([{ event: { type: 'xstate.done.actor.job' } }]);
    rig.runtime.send('m', { type: 'OTHER' });
    await settle();
    expect(rig.runs).toHaveLength(1);
    await rig.restart();
    expect(rig.runs[0]?.call.intentId).toBe('m:1:job');
  });

  it('on a timer or a height keeps it for the next start, and does not ring it over and over', async () => {
    const faulty = setup({ actions: { ...writes } }).createMachine({
      id: 'm',
      entry: {
        type: 'armHeight',
        params: { id: 'd', height: blockHeight(5), event: { type: 'H' }, ceilingMs: 1e6 as never },
      },
      after: { 100: { guard: fails, actions: [] } },
      on: { H: { guard: fails, actions: [] } },
    });
    const rig = new Rig({ m: chart(faulty) });
    rig.runtime.open('m', 'm', undefined);
    await rig.clock.advanceBy(10_000);
    rig.runtime.heightReached(blockHeight(5));
    rig.runtime.heightReached(blockHeight(6));
    expect(rig.parked).toHaveLength(2);
    expect(rig.store.timers.all()).toHaveLength(1);
    expect(rig.store.deadlines.all()).toHaveLength(1);
    await rig.restart();
    rig.runtime.heightReached(blockHeight(7));
    expect(rig.parked).toHaveLength(4);
  });

  it('in its very first step makes no row', () => {
    const rig = new Rig({ m: chart(createMachine({ id: 'm', context: {}, entry: boom })) });
    rig.runtime.open('m', 'm', undefined);
    expect(rig.parked).toHaveLength(1);
    expect(rig.runtime.row('m')).toBeUndefined();
  });
});

describe('a chart that could lose something', () => {
  const refused: Record<string, unknown> = {
    'an action that is none of the writes': { on: { E: { actions: 'sendMail' } } },
    'an inline action': { on: { E: { actions: () => {} } } },
    'a message to a live actor': { on: { E: { actions: sendTo(({ self }) => self, { type: 'X' }) } } },
    'an inline actor': {
      initial: 'a',
      states: { a: { on: { E: 'b' } }, b: { invoke: { src: fromPromise(async () => 1) } } },
    },
    'an actor without an effect': {
      initial: 'a',
      states: { a: { on: { E: 'b' } }, b: { invoke: { src: 'other' } } },
    },
  };
  for (const [what, config] of Object.entries(refused)) {
    it(`is refused at the step: ${what}`, () => {
      const machine = createMachine({ id: 'm', context: {}, ...(config as object) }).provide({
        actors: { other: fromPromise(async () => 1) },
        actions: { sendMail: () => {} },
      });
      const rig = new Rig({ m: chart(machine) });
      rig.runtime.open('m', 'm', undefined);
      rig.runtime.send('m', { type: 'E' });
      expect(rig.parked).toMatchObject([
        { rowId: 'm', event: { type: 'E' }, fault: { code: 'CHART_FAULT' } },
      ]);
    });
  }

  it('may not leave a money-moving invoke before its outcome, nor restart it, nor finish', async () => {
    const rig = new Rig({ worker: chart(workerMachine, ['job']) });
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'GO' });
    await settle();
    for (const type of ['LEAVE', 'AGAIN', 'FINISH']) {
      rig.runtime.send('w', { type });
      expect(rig.parked.at(-1)?.fault.message).toContain('moves money');
      expect(rig.value('w')).toBe('working');
    }
    expect(rig.runs[0]!.call.signal.aborted).toBe(false);
    await rig.clock.advanceBy(20_000);
    expect(rig.value('w')).toBe('working');
    await rig.runs[0]!.done('rented');
    expect(rig.value('w')).toBe('idle');
    expect(rig.context('w')['output']).toBe('rented');
  });

  it('may not open more rows than the limit', () => {
    const rig = new Rig(charts, { maxRows: 1 });
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'OPEN' });
    expect(rig.parked).toMatchObject([{ rowId: 'w', fault: { code: 'STORE_FULL' } }]);
    expect(rig.runtime.row('opened')).toBeUndefined();
  });
});

describe('a stored state that does not fit', () => {
  const one = (states: object, version = 1) => ({
    m: chart(createMachine({ id: 'm', initial: 'a', states: states as never }), [], version),
  });

  it.each([
    ['a state that is gone', one({ b: {} }, 2)],
    ['a state that gained substates', one({ a: { initial: 'x', states: { x: {} } } }, 2)],
    ['a newer version', one({ a: {} }, 0)],
    ['a chart that is gone', {}],
  ])('parks the row and reports it, without a crash: %s', async (_, later) => {
    const rig = new Rig({ ...one({ a: {} }), sink });
    rig.runtime.open('m', 'm', undefined);
    rig.runtime.open('sink', 'sink', undefined);
    await rig.restart({ ...later, sink });
    expect(rig.runtime.row('m')).toMatchObject({ status: 'parked', value: 'a' });
    expect(rig.parked).toMatchObject([
      { rowId: 'm', event: { type: 'runtime.restore' }, fault: { code: 'SNAPSHOT_UNFIT' } },
    ]);
    expect(rig.runtime.send('m', { type: 'E' })).toBe(false);
    expect(rig.runtime.send('sink', { type: 'NOTE', n: 1 })).toBe(true);
    await rig.restart({ ...one({ a: {} }), sink });
    expect(rig.runtime.row('m')).toMatchObject({ status: 'active', value: 'a' });
  });

  it('parks a row that waits for an actor which the chart does not know any more', async () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'GO' });
    const renamed = createMachine({
      id: 'worker',
      initial: 'idle',
      states: { idle: {}, working: { invoke: { id: 'job', src: 'work' } }, backoff: {}, finished: {} },
    }).provide({ actors: { work: fromPromise(async () => 1) } });
    await rig.restart({ worker: chart(renamed) });
    expect(rig.parked[0]?.fault.message).toContain('unknown actor "job"');
    expect(rig.runs).toEqual([]);
  });

  it('parks a row whose snapshot is no JSON', async () => {
    const rig = new Rig(charts);
    rig.runtime.open('worker', 'w', undefined);
    rig.store.database.exec(`UPDATE row SET snapshot = '{"value'`);
    await rig.restart();
    expect(rig.runtime.row('w')).toMatchObject({ status: 'parked', value: null });
  });
});

describe('a store that fails', () => {
  it('makes send throw and leaves the row as it was', () => {
    const crashes = new CrashingStore();
    const rig = new Rig(charts, { wrap: crashes.wrap });
    rig.runtime.open('worker', 'w', undefined);
    crashes.dieAt({ after: 1, when: 'before' });
    expect(() => rig.runtime.send('w', { type: 'GO' })).toThrow(
      expect.objectContaining({ code: 'STORE_BROKEN' }),
    );
    expect(rig.runtime.row('w')?.value).toBe('idle');
    expect(rig.parked).toEqual([]);
  });

  it('for a moment loses no result: it is written as soon as the store takes it', async () => {
    let isBusy = false;
    const rig = new Rig(charts, {
      wrap: (store) => ({
        ...store,
        transaction: (work) => {
          if (isBusy) return store.transaction(() => busy());
          return store.transaction(work);
        },
      }),
    });
    rig.runtime.open('worker', 'w', undefined);
    rig.runtime.send('w', { type: 'GO' });
    await settle();
    isBusy = true;
    await rig.runs[0]!.done('rented');
    expect(rig.value('w')).toBe('working');
    const written = new Promise((resolve) => rig.runtime.onStep(resolve));
    isBusy = false;
    await rig.clock.advanceBy(50);
    expect(await written).toMatchObject({ event: { type: 'xstate.done.actor.job', output: 'rented' } });
    expect(rig.parked).toEqual([]);
  });
});

function busy(): never {
  throw Object.assign(new Error('database is locked'), { code: 'ERR_SQLITE_ERROR', errcode: 5 });
}
