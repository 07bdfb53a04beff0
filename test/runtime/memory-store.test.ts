import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/runtime/memory-store.ts';
import type { RowRecord } from '../../src/runtime/store.ts';
import { blockHeight, microUsd, unixMs } from '../../src/units.ts';

const row = (id: string, more: Partial<RowRecord> = {}): RowRecord => ({
  id,
  chart: 'c',
  version: 1,
  rowSeq: 1,
  status: 'active',
  snapshot: '{}',
  updatedAt: unixMs(10),
  ...more,
});
const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);
const timer = (rowId: string, id: string, dueAt: number) => ({
  rowId,
  id,
  dueAt: unixMs(dueAt),
  event: { type: 'T' },
});
const deadline = (rowId: string, id: string) => ({
  rowId,
  id,
  height: blockHeight(7),
  ceilingAt: unixMs(9),
  event: { type: 'H' },
});
const intent = (id: string, rowId: string) => ({ id, rowId, actorId: 'job', src: 'job', input: null });

describe('a store without a disk', () => {
  it('hands out what a transaction says, keeps settings, and has nothing to prune', () => {
    const store = createMemoryStore();
    expect(store.transaction(() => 7)).toBe(7);
    expect(store.meta.get('a')).toBeUndefined();
    store.meta.set('a', '1');
    expect(store.meta.get('a')).toBe('1');
    expect(store.prune(unixMs(0))).toBe(0);
    expect(() => store.close()).not.toThrow();
  });

  it('tells open rows from finished ones, the newest of these first, of one chart or of all', () => {
    const { rows } = createMemoryStore();
    for (const id of ['a', 'b', 'c']) rows.put(row(id));
    rows.put(row('a', { status: 'done' }));
    rows.put(row('b', { status: 'done', chart: 'd' }));
    rows.setStatus('c', 'parked');
    rows.setStatus('nobody', 'parked');
    expect(ids(rows.open())).toEqual(['c']);
    expect(rows.get('c')?.status).toBe('parked');
    expect(rows.get('nobody')).toBeUndefined();
    expect(ids(rows.done({ limit: 9 }))).toEqual(['b', 'a']);
    expect(ids(rows.done({ limit: 1 }))).toEqual(['b']);
    expect(ids(rows.done({ chart: 'c', limit: 9 }))).toEqual(['a']);
  });

  it('keeps the newest thousand finished rows, and every open one', () => {
    const { rows } = createMemoryStore();
    rows.put(row('open'));
    for (let n = 1; n <= 1_001; n += 1) rows.put(row(`r${n}`, { status: 'done' }));
    const done = rows.done({ limit: 5_000 });
    expect([done.length, done.at(-1)?.id, ids(rows.open())]).toEqual([1_000, 'r2', ['open']]);
  });

  it('keeps what a row waits for until it comes, is taken back, or the row ends', () => {
    const { rows, intents, timers, deadlines } = createMemoryStore();
    for (const rowId of ['a', 'b']) {
      intents.put(intent(`${rowId}:1`, rowId), unixMs(0));
      timers.put(timer(rowId, 'x', 5));
      deadlines.put(deadline(rowId, 'x'));
    }
    timers.put(timer('a', 'y', 3));
    timers.put(timer('a', 'x', 4));
    expect(timers.all().map(({ rowId, id, dueAt }) => [rowId, id, dueAt])).toEqual([
      ['a', 'y', 3],
      ['a', 'x', 4],
      ['b', 'x', 5],
    ]);
    timers.drop('a', 'y');
    rows.clearWork('a');
    expect([ids(intents.all()), timers.all(), deadlines.all()]).toEqual([
      ['b:1'],
      [timer('b', 'x', 5)],
      [deadline('b', 'x')],
    ]);
    intents.drop('b:1');
    deadlines.drop('b', 'x');
    expect([intents.all(), deadlines.all()]).toEqual([[], []]);
  });

  it('puts a deadline that is armed again behind the others', () => {
    const { deadlines } = createMemoryStore();
    for (const id of ['x', 'y', 'x']) deadlines.put(deadline('a', id));
    expect(ids(deadlines.all())).toEqual(['y', 'x']);
  });

  it('numbers the journal, and forgets the oldest lines once there are ten thousand', () => {
    const { journal } = createMemoryStore();
    const entry = { rowId: 'a', chart: 'c', at: unixMs(1), event: { type: 'E' }, value: 'v' };
    expect([journal.append(entry), journal.append(entry)]).toEqual([1, 2]);
    expect(journal.since(1, 10)).toEqual([{ seq: 2, ...entry }]);
    expect(journal.since(0, 1)).toEqual([{ seq: 1, ...entry }]);
    for (let seq = 3; seq <= 10_000; seq += 1) journal.append(entry);
    expect(journal.since(0, 20_000)).toHaveLength(10_000);
    expect(journal.append(entry)).toBe(10_001);
    const left = journal.since(0, 20_000);
    expect([left.length, left[0]?.seq, left.at(-1)?.seq]).toEqual([5_001, 5_001, 10_001]);
  });

  it('numbers messages, and counts those to one row', () => {
    const { inbox } = createMemoryStore();
    const put = (to: string) => inbox.put({ from: 'a', to, event: { type: 'M' } });
    const [first, second] = [put('b'), put('b')];
    put('c');
    expect([first.id, second.id, inbox.count('b'), inbox.count('c')]).toEqual([1, 2, 2, 1]);
    inbox.drop(first.id);
    expect(inbox.all().map(({ id, to }) => [id, to])).toEqual([
      [2, 'b'],
      [3, 'c'],
    ]);
  });

  it('keeps the newest thousand parked events', () => {
    const { parked } = createMemoryStore();
    const fault = { code: 'CHART_FAULT', class: 'operator', message: 'm' } as const;
    for (let n = 1; n <= 1_001; n += 1)
      parked.put({ rowId: 'a', chart: 'c', at: unixMs(n), event: { type: 'E' }, fault });
    const all = parked.newest(5_000);
    expect([all.length, all[0]?.at, all.at(-1)?.at, parked.newest(1).length]).toEqual([1_000, 1_001, 2, 1]);
  });

  it('knows leases by their row: those that are there first, the youngest of each kind first', () => {
    const { leases } = createMemoryStore();
    leases.keep('old', { label: 'l' }, unixMs(1));
    leases.reserve('old', microUsd(9), unixMs(5));
    leases.settle('old', microUsd(4), unixMs(6));
    leases.keep('old', { isGone: true }, unixMs(7));
    leases.reserve('young', microUsd(3), unixMs(2));
    leases.keep('younger', { label: 'm' }, unixMs(3));
    expect(leases.newest(10)).toEqual([
      { rowId: 'younger', label: 'm', reserved: 0, settled: null, openedAt: 3 },
      { rowId: 'young', reserved: 3, settled: null, openedAt: 2 },
      { rowId: 'old', label: 'l', isGone: true, reserved: 9, settled: 4, openedAt: 1 },
    ]);
    expect(leases.newest(1)).toHaveLength(1);
  });

  it('keeps one alert a key, since it was raised first, the oldest first', () => {
    const { alerts } = createMemoryStore();
    const raise = (key: string, at: number, message = 'm') =>
      alerts.raise('a', { key, code: 'STORE_BROKEN', message }, unixMs(at));
    raise('y', 5);
    raise('x', 3);
    raise('y', 9, 'again');
    expect(alerts.open(10).map(({ key, since, message }) => [key, since, message])).toEqual([
      ['x', 3, 'm'],
      ['y', 5, 'again'],
    ]);
    expect(alerts.open(1)).toHaveLength(1);
    alerts.clear('x');
    expect(alerts.open(10).map(({ key }) => key)).toEqual(['y']);
  });
});
