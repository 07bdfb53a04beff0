import { expect, it } from 'vitest';
import type { Fault } from '../../src/errors.ts';
import { createRuntime } from '../../src/runtime/durable-runtime.ts';
import { openSqliteStore } from '../../src/runtime/sqlite-store.ts';
import { steadyClock } from '../../src/runtime/steady-clock.ts';
import type { Store } from '../../src/runtime/store.ts';
import { settle, VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { sink, worker } from './charts.ts';

const codes = { busy: 5, full: 13 };

/** A store over which a disk stands that can be full, or busy. */
function diskOf() {
  const real = openSqliteStore(':memory:');
  const disk = { code: 0 };
  const store: Store = {
    ...real,
    transaction: (work) =>
      real.transaction(() => {
        if (disk.code === 0) return work();
        throw Object.assign(new Error('the disk'), { code: 'ERR_SQLITE_ERROR', errcode: disk.code });
      }),
  };
  return { disk, store };
}

function runtimeOn(store: Store, clock: VirtualClock) {
  const said: (Fault['code'] | null)[] = [];
  const runtime = createRuntime({
    store,
    clock,
    charts: { worker, sink },
    effects: { worker: { job: async () => 'rented' }, sink: {} },
    report: {
      parked: () => undefined,
      late: () => undefined,
      storeFailing: (fault) => said.push(fault?.code ?? null),
    },
  });
  return { runtime, said };
}

it('says once that commits fail, and once that they succeed again; a store that is busy is no news', async () => {
  const { disk, store } = diskOf();
  const { runtime, said } = runtimeOn(store, new VirtualClock(1_000_000));
  runtime.start();
  runtime.open('sink', 'sink', undefined);
  disk.code = codes.busy;
  expect(() => runtime.send('sink', { type: 'NOTE', n: 1 })).toThrow(/busy/);
  expect(said).toEqual([]);
  disk.code = codes.full;
  expect(() => runtime.send('sink', { type: 'NOTE', n: 2 })).toThrow(/disk full/);
  expect(() => runtime.send('sink', { type: 'NOTE', n: 3 })).toThrow(/disk full/);
  disk.code = 0;
  runtime.send('sink', { type: 'NOTE', n: 4 });
  expect(said).toEqual(['STORE_BROKEN', null]);
  await runtime.stop();
});

it('starts on a full disk, tries a result again with growing pauses, and writes it when there is room', async () => {
  const { disk, store } = diskOf();
  const clock = new VirtualClock(1_000_000);
  const first = runtimeOn(store, clock);
  first.runtime.start();
  first.runtime.open('worker', 'w', undefined);
  first.runtime.send('w', { type: 'GO' });
  disk.code = codes.full;
  await first.runtime.stop();

  const { runtime } = runtimeOn(store, clock);
  runtime.start();
  expect(runtime.row('w')?.value).toBe('working');
  await settle();
  const before = clock.figures.rung;
  await clock.advanceBy(600_000);
  // Once every five seconds at the end, not twenty times a second.
  expect(clock.figures.rung - before).toBeLessThan(140);
  expect(runtime.row('w')?.value).toBe('working');
  disk.code = 0;
  await clock.advanceBy(5_000);
  expect(runtime.row('w')?.value).toBe('idle');
  await runtime.stop();
});

it('what a listener could not write is no uncaught exception', async () => {
  const { disk, store } = diskOf();
  const { runtime } = runtimeOn(store, new VirtualClock(1_000_000));
  runtime.start();
  runtime.open('sink', 'sink', undefined);
  runtime.onStep(() => {
    disk.code = codes.full;
    runtime.send('sink', { type: 'NOTE', n: 9 });
  });
  expect(() => runtime.send('sink', { type: 'NOTE', n: 1 })).not.toThrow();
  await settle();
  disk.code = 0;
  await runtime.stop();
});

it('a clock that was set back shows no less than what was written down, and goes on from there', async () => {
  const { store } = diskOf();
  const { runtime } = runtimeOn(store, new VirtualClock(5_000_000));
  runtime.start();
  runtime.open('sink', 'sink', undefined);
  await runtime.stop();
  const setBack = new VirtualClock(1_000_000);
  const clock = steadyClock(setBack, store);
  expect(clock.now()).toBe(5_000_000);
  await setBack.advanceBy(10);
  expect(clock.now()).toBe(5_000_010);
  const rung: number[] = [];
  clock.clearTimeout(clock.setTimeout(() => rung.push(1), 5));
  clock.setTimeout(() => rung.push(2), 5);
  const slept = clock.sleep(5).then(() => rung.push(3));
  await setBack.advanceBy(5);
  await slept;
  expect(rung).toEqual([2, 3]);
  const ahead = new VirtualClock(9_000_000);
  expect(steadyClock(ahead, store)).toBe(ahead);
});
