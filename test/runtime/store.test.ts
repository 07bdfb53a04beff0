import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSqliteStore, type SqliteStore } from '../../src/runtime/sqlite-store.ts';
import type { RowRecord } from '../../src/runtime/store.ts';
import { blockHeight, unixMs } from '../../src/units.ts';
import { temporaryDir } from './rig.ts';

const row = (id: string, overrides: Partial<RowRecord> = {}): RowRecord => ({
  id,
  chart: 'c',
  version: 1,
  rowSeq: 1,
  status: 'active',
  snapshot: '{}',
  updatedAt: unixMs(10),
  ...overrides,
});
const entry = (rowId: string, at: number) => ({
  rowId,
  chart: 'c',
  at: unixMs(at),
  event: { type: 'E', text: 'x'.repeat(200) },
  value: 'a',
});

describe.each(['a file', 'memory'])('a store in %s', (place) => {
  const open = (): SqliteStore => {
    const store = openSqliteStore(place === 'memory' ? ':memory:' : join(temporaryDir(), 's.sqlite'));
    onTestFinished(() => store.close());
    return store;
  };

  it('commits all that a transaction wrote, or nothing', () => {
    const store = open();
    store.transaction(() => store.rows.put(row('a')));
    const fail = () =>
      store.transaction(() => {
        store.rows.put(row('b'));
        throw new Error('no');
      });
    expect(fail).toThrow('no');
    expect(store.rows.open().map(({ id }) => id)).toEqual(['a']);
    store.transaction(() => store.rows.put(row('c')));
    expect(store.rows.open().map(({ id }) => id)).toEqual(['a', 'c']);
  });

  it('tells its own failure from a fault of what it was given', () => {
    const store = open();
    const orphan = { id: 'i', rowId: 'nobody', actorId: 'job', src: 'job', input: null };
    expect(() => store.transaction(() => store.intents.put(orphan, unixMs(1)))).toThrow(/FOREIGN KEY/);
    store.close();
    expect(() => store.transaction(() => 1)).toThrow(expect.objectContaining({ code: 'STORE_BROKEN' }));
  });

  it('keeps rows and their work in the order of opening, and drops the work with the row’s end', () => {
    const store = open();
    for (const id of ['b', 'a']) store.rows.put(row(id));
    store.rows.put(row('b', { rowSeq: 2, snapshot: '{"x":1}' }));
    store.intents.put({ id: 'b:1:job', rowId: 'b', actorId: 'job', src: 'job', input: { n: 1 } }, unixMs(1));
    store.timers.put({ rowId: 'b', id: 't', dueAt: unixMs(5.5), event: { type: 'T' } });
    store.timers.put({ rowId: 'a', id: 't', dueAt: unixMs(4), event: { type: 'T' } });
    store.timers.put({ rowId: 'b', id: 't', dueAt: unixMs(3.5), event: { type: 'U' } });
    const deadline = { rowId: 'b', id: 'd', ceilingAt: unixMs(9), event: { type: 'H' } };
    store.deadlines.put({ ...deadline, height: blockHeight(7) });
    expect(store.rows.open().map(({ id, rowSeq }) => [id, rowSeq])).toEqual([
      ['b', 2],
      ['a', 1],
    ]);
    expect(store.timers.all().map(({ dueAt, event }) => [dueAt, event.type])).toEqual([
      [3.5, 'U'],
      [4, 'T'],
    ]);
    expect(store.deadlines.all()).toEqual([{ ...deadline, height: 7 }]);
    store.rows.clearWork('b');
    expect([store.intents.all(), store.timers.all().length, store.deadlines.all()]).toEqual([[], 1, []]);
  });

  it('numbers the journal once for all rows, and a message once for all readers', () => {
    const store = open();
    const first = store.journal.append(entry('a', 1));
    store.journal.append(entry('b', 2));
    expect(store.journal.since(first, 10)).toMatchObject([{ seq: first + 1, rowId: 'b' }]);
    expect(store.journal.since(0, 1)).toHaveLength(1);
    store.inbox.put({ from: 'a', to: 'b', event: { type: 'M', n: 1 } });
    const second = store.inbox.put({ from: 'a', to: 'c', event: { type: 'M', n: 2 } });
    expect(store.inbox.count('b')).toBe(1);
    store.inbox.drop(second.id);
    expect(store.inbox.all().map(({ event }) => event)).toEqual([{ type: 'M', n: 1 }]);
  });

  it('keeps settings of the store itself', () => {
    const store = open();
    expect(store.meta.get('deployment')).toBeUndefined();
    store.meta.set('deployment', 'a');
    store.meta.set('deployment', 'b');
    expect(store.meta.get('deployment')).toBe('b');
  });

  it('forgets old journal lines and finished rows, never those of open rows, never money', () => {
    const store = open();
    store.rows.put(row('open'));
    store.rows.put(row('done', { status: 'done' }));
    store.leases.keep('done', { label: 'l' }, unixMs(1));
    for (const id of ['open', 'done']) store.journal.append(entry(id, 10));
    store.journal.append(entry('done', 2000));
    expect(store.prune(unixMs(3000), { ageMs: 2000 })).toBe(1);
    expect(store.journal.since(0, 10).map(({ rowId, at }) => [rowId, at])).toEqual([
      ['open', 10],
      ['done', 2000],
    ]);
    expect(store.rows.get('done')).toBeUndefined();
    expect(store.rows.get('open')).toBeDefined();
    expect(store.leases.newest(10)).toMatchObject([{ rowId: 'done', label: 'l' }]);
  });

  it('forgets the oldest lines when it is too big, and never gives their numbers again', () => {
    const store = open();
    for (let at = 1; at <= 50; at++) store.journal.append(entry('gone', at));
    expect(store.prune(unixMs(100), { bytes: 1 })).toBe(50);
    expect(store.journal.append(entry('gone', 60))).toBe(51);
  });

  it('keeps the newest thousand parked events', () => {
    const store = open();
    const fault = { code: 'CHART_FAULT', class: 'operator', message: 'm' } as const;
    store.transaction(() => {
      for (let n = 1; n <= 1002; n++) {
        store.parked.put({ rowId: 'a', chart: 'c', at: unixMs(n), event: { type: 'E' }, fault });
      }
    });
    const kept = store.parked.newest(2000);
    expect([kept.length, kept.at(-1)?.at]).toEqual([1000, 3]);
  });
});

describe('a store in memory', () => {
  it('does not grow with its journal', () => {
    const store = openSqliteStore(':memory:');
    store.transaction(() => {
      for (let at = 1; at <= 6000; at++) store.journal.append(entry('a', at));
    });
    const kept = store.journal.since(0, 10_000);
    expect(kept.at(-1)?.seq).toBe(6000);
    expect(kept.length).toBeGreaterThanOrEqual(5000);
    expect(kept.length).toBeLessThan(5300);
    store.close();
  });
});

describe('a store file', () => {
  it('acknowledges only what survives a power cut, and waits 20 ms at most for others', () => {
    const store = openSqliteStore(join(temporaryDir(), 's.sqlite'));
    const pragma = (name: string) => Object.values(store.database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    expect(['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout'].map(pragma)).toEqual([
      'wal',
      2,
      1,
      20,
    ]);
    store.close();
  });

  it('says that it is busy, and that this passes', () => {
    const path = join(temporaryDir(), 's.sqlite');
    const store = openSqliteStore(path);
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    expect(() => store.transaction(() => 1)).toThrow(
      expect.objectContaining({ code: 'STORE_BROKEN', class: 'retryable' }),
    );
    other.exec('ROLLBACK');
    expect(store.transaction(() => 1)).toBe(1);
    other.close();
    store.close();
  });

  it('of a newer version is refused untouched', () => {
    const path = join(temporaryDir(), 's.sqlite');
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA user_version=99');
    newer.close();
    expect(() => openSqliteStore(path)).toThrow(expect.objectContaining({ code: 'STORE_TOO_NEW' }));
  });

  it('that is none, or lies nowhere, is named', () => {
    const path = join(temporaryDir(), 's.sqlite');
    writeFileSync(path, 'this is a letter, not a database '.repeat(50));
    for (const bad of [path, join(path, 'below', 'a', 'file')]) {
      expect(() => openSqliteStore(bad)).toThrow(
        expect.objectContaining({ code: 'STORE_BROKEN', message: expect.stringContaining(bad) as string }),
      );
    }
  });
});
