import { describe, expect, it, onTestFinished } from 'vitest';
import { createSqliteHistory } from '../../src/runtime/sqlite-history.ts';
import { openSqliteStore } from '../../src/runtime/sqlite-store.ts';
import { microUsd, unixMs } from '../../src/units.ts';

function opened() {
  const store = openSqliteStore(':memory:');
  onTestFinished(() => store.close());
  const put = (id: string, context: object = {}, status: 'active' | 'done' = 'active'): void =>
    store.rows.put({
      id,
      chart: 'c',
      version: 1,
      rowSeq: 1,
      status,
      snapshot: JSON.stringify({ value: 'v', context }),
      updatedAt: unixMs(10),
    });
  const note = (
    rowId: string,
    at: number,
    event: { readonly type: string; readonly [field: string]: unknown },
  ) => store.journal.append({ rowId, chart: 'c', at: unixMs(at), event, value: 'v' });
  return { store, put, note, history: createSqliteHistory(store.database) };
}
const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);

describe('the history of rows', () => {
  it('lists epochs by their number, the highest first, a page at a time', () => {
    const { put, history } = opened();
    for (const id of ['epoch:9', 'epoch:10', 'epoch:8', 'lease:A', 'service']) put(id);
    expect(ids(history.epochs({ limit: 9 }))).toEqual(['epoch:10', 'epoch:9', 'epoch:8']);
    expect(ids(history.epochs({ limit: 1 }))).toEqual(['epoch:10']);
    expect(ids(history.epochs({ before: 10, limit: 9 }))).toEqual(['epoch:9', 'epoch:8']);
  });

  it('lists leases, the newest first, open and finished ones, with what they know', () => {
    const { put, history } = opened();
    put('lease:A', { owner: 'epoch:7' }, 'done');
    put('lease:B');
    put('epoch:7');
    expect(history.leases({ limit: 9 })).toMatchObject([
      { id: 'lease:B', status: 'active', value: 'v', context: {}, openIntents: [] },
      { id: 'lease:A', status: 'done', context: { owner: 'epoch:7' } },
    ]);
    expect(ids(history.leases({ before: 'lease:B', limit: 9 }))).toEqual(['lease:A']);
  });
});

describe('who had a lease', () => {
  const handed = (owner: string) => ({ type: 'LEASE.HANDED_OVER', owner });
  const begun = (owner: string) => ({ type: 'xstate.init', input: { owner } });

  it('is told by the journal, one after the other', () => {
    const { put, note, history } = opened();
    put('lease:A', { owner: 'epoch:8', ownedSince: 20, openedAt: 1 });
    note('lease:A', 1, begun('epoch:7'));
    note('lease:A', 5, { type: 'LEASE.READY' });
    note('lease:A', 20, handed('epoch:8'));
    note('lease:B', 21, begun('epoch:9'));
    expect(history.ownerships('lease:A')).toEqual([
      { owner: 'epoch:7', since: 1 },
      { owner: 'epoch:8', since: 20 },
    ]);
  });

  it('stands in the row where the journal was pruned', () => {
    const { put, note, history } = opened();
    put('lease:A', { owner: 'epoch:8', ownedSince: 20, openedAt: 1 });
    put('lease:B', { owner: 'epoch:7', ownedSince: null, openedAt: 3 });
    put('lease:C', { owner: null });
    put('lease:D', { owner: 'epoch:9' });
    expect(history.ownerships('lease:A')).toEqual([{ owner: 'epoch:8', since: 20 }]);
    expect(history.ownerships('lease:B')).toEqual([{ owner: 'epoch:7', since: 3 }]);
    expect(history.ownerships('lease:C')).toEqual([]);
    expect(history.ownerships('lease:D')).toEqual([{ owner: 'epoch:9', since: 0 }]);
    expect(history.ownerships('nobody')).toEqual([]);
    note('nobody', 1, begun('epoch:7'));
    expect(history.ownerships('nobody')).toEqual([{ owner: 'epoch:7', since: 1 }]);
  });

  it('counts for every row that has it or had it, once', () => {
    const { put, note, history } = opened();
    put('lease:A', { owner: 'epoch:8', ownedSince: 20 });
    put('lease:B', { owner: 'epoch:8', ownedSince: null });
    put('lease:C', { owner: null, ownedSince: null });
    put('lease:D', { owner: 'epoch:7', ownedSince: 30 });
    note('lease:A', 1, begun('epoch:7'));
    note('lease:A', 20, handed('epoch:8'));
    note('lease:D', 1, begun('epoch:7'));
    note('lease:D', 10, handed('epoch:6'));
    note('lease:D', 30, handed('epoch:7'));
    expect(Object.fromEntries(history.leaseOwners())).toEqual({
      'epoch:6': ['lease:D'],
      'epoch:7': ['lease:D', 'lease:A'],
      'epoch:8': ['lease:B', 'lease:A'],
    });
  });
});

describe('the journal', () => {
  it('is read from its end, the oldest of a page first', () => {
    const { note, history } = opened();
    for (let at = 1; at <= 5; at += 1) note(at % 2 === 0 ? 'even' : 'odd', at, { type: 'E', n: at });
    const seqs = (page: Parameters<typeof history.journal>[0]) => history.journal(page).map(({ seq }) => seq);
    expect(seqs({ limit: 2 })).toEqual([4, 5]);
    expect(seqs({ limit: 2, before: 4 })).toEqual([2, 3]);
    expect(seqs({ limit: 9, rowIds: ['even'] })).toEqual([2, 4]);
    expect(seqs({ limit: 3, rowIds: ['odd', 'even'] })).toEqual([3, 4, 5]);
    expect(seqs({ limit: 9, rowIds: ['odd', 'even'], before: 3 })).toEqual([1, 2]);
    expect(seqs({ limit: 9, rowIds: [] })).toEqual([]);
    expect(history.journal({ limit: 1 })).toEqual([
      { seq: 5, rowId: 'odd', chart: 'c', at: 5, event: { type: 'E', n: 5 }, value: 'v' },
    ]);
  });
});

describe('the money', () => {
  it('is that of the rows that are asked for, and what was settled ever', () => {
    const { store, put, history } = opened();
    expect(history.settledEver()).toBe(0);
    for (const [id, amount] of [
      ['lease:A', 9],
      ['lease:B', 5],
    ] as const) {
      put(id);
      store.leases.reserve(id, microUsd(amount), unixMs(1));
    }
    store.leases.settle('lease:A', microUsd(4), unixMs(2));
    store.leases.settle('lease:B', microUsd(3), unixMs(2));
    expect(history.money(['lease:B', 'nobody'])).toEqual([{ rowId: 'lease:B', reserved: 5, settled: 3 }]);
    expect(history.settledEver()).toBe(7);
  });
});
