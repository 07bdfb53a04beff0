import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSqliteOutbox } from '../../src/runtime/sqlite-outbox.ts';
import { openSqliteStore } from '../../src/runtime/sqlite-store.ts';
import type { Outbox } from '../../src/runtime/outbox.ts';
import { blockHeight, unixMs } from '../../src/units.ts';
import { temporaryDir } from './rig.ts';

type Entry = Parameters<Outbox['put']>[0];
const callback = (overrides: Partial<Entry> = {}): Entry => ({
  leaseId: 'l',
  kind: 'generated',
  url: 'http://127.0.0.1:9100/v1/poc-batches/generated?a=%2f',
  body: Buffer.from([0, 255, 10, 123]),
  receivedAt: unixMs(5),
  windowEndHeight: blockHeight(70),
  nonceCount: 3,
  ...overrides,
});

describe('the outbox', () => {
  it('keeps a book for each machine, over a crash', () => {
    const path = join(temporaryDir(), 's.sqlite');
    const before = openSqliteStore(path);
    const outbox = createSqliteOutbox(before.database);
    const finished = (leaseId: string, outcome: 'delivered' | 'refused' | 'expired') =>
      outbox.finish(outbox.put(callback({ leaseId })).id, outcome);
    finished('b', 'delivered');
    finished('a', 'delivered');
    finished('a', 'delivered');
    finished('a', 'expired');
    outbox.put(callback({ leaseId: 'a', nonceCount: 9 }));
    outbox.put(callback({ leaseId: 'c', windowEndHeight: blockHeight(99) }));
    before.close();

    const after = openSqliteStore(path);
    const nothing = {
      deliveredNonces: 0,
      deliveredCallbacks: 0,
      undeliverable: 0,
      queued: 0,
      queuedNonces: 0,
    };
    const again = createSqliteOutbox(after.database);
    expect(again.byLease(blockHeight(70))).toEqual([
      {
        leaseId: 'a',
        deliveredNonces: 6,
        deliveredCallbacks: 2,
        undeliverable: 1,
        queued: 1,
        queuedNonces: 9,
      },
      { ...nothing, leaseId: 'b', deliveredNonces: 3, deliveredCallbacks: 1 },
    ]);
    expect(again.byLease(blockHeight(99))).toEqual([
      { ...nothing, leaseId: 'c', queued: 1, queuedNonces: 3 },
    ]);
    expect(again.byLease(blockHeight(1))).toEqual([]);
    after.close();
  });

  it('keeps a callback byte for byte over a crash, the oldest first, with its attempts', () => {
    const path = join(temporaryDir(), 's.sqlite');
    const before = openSqliteStore(path);
    const outbox = createSqliteOutbox(before.database);
    const put = outbox.put(callback());
    outbox.put(callback({ kind: 'validated', body: Buffer.alloc(0) }));
    outbox.countAttempt(put.id);
    before.close();

    const after = openSqliteStore(path);
    const [first, second] = createSqliteOutbox(after.database).pending(10);
    expect(first).toEqual({ ...callback(), id: put.id, attempts: 1 });
    expect(first?.body.equals(callback().body)).toBe(true);
    expect([second?.kind, second?.body.length]).toEqual(['validated', 0]);
    after.close();
  });

  it('accounts for every callback once, by outcome and by window, over a crash', () => {
    const path = join(temporaryDir(), 's.sqlite');
    const before = openSqliteStore(path);
    const outbox = createSqliteOutbox(before.database);
    const ids = Array.from({ length: 5 }, () => outbox.put(callback()).id);
    const other = outbox.put(callback({ windowEndHeight: blockHeight(99) })).id;
    outbox.finish(ids[0]!, 'delivered');
    outbox.finish(ids[0]!, 'delivered');
    outbox.finish(ids[1]!, 'delivered');
    outbox.finish(ids[2]!, 'refused');
    outbox.finish(ids[3]!, 'expired');
    outbox.finish(other, 'delivered');
    before.close();

    const after = openSqliteStore(path);
    const again = createSqliteOutbox(after.database);
    expect(again.totals()).toEqual({ queued: 1, delivered: 3, refused: 1, expired: 1 });
    expect(again.within(blockHeight(70))).toEqual({
      deliveredNonces: 6,
      deliveredCallbacks: 2,
      undeliverable: 2,
      queued: 1,
    });
    expect(again.within(blockHeight(1))).toMatchObject({ deliveredNonces: 0, queued: 0 });
    after.close();
  });

  it('takes no more than its limits, of entries or of bytes, and more once something went', () => {
    const store = openSqliteStore(':memory:');
    const few = createSqliteOutbox(store.database, { entries: 2, bytes: 10 });
    const { id } = few.put(callback());
    few.put(callback());
    const isFull = expect.objectContaining({ code: 'RELAY_FULL' }) as Error;
    expect(() => few.put(callback())).toThrow(isFull);
    few.finish(id, 'delivered');
    expect(() => few.put(callback({ body: Buffer.alloc(7) }))).toThrow(isFull);
    few.put(callback({ body: Buffer.alloc(6) }));
    store.close();
  });

  it('acknowledges nothing when the store is broken', () => {
    const store = openSqliteStore(':memory:');
    const outbox = createSqliteOutbox(store.database);
    store.close();
    expect(() => outbox.put(callback())).toThrow(expect.objectContaining({ code: 'STORE_BROKEN' }));
  });
});
