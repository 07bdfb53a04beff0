import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChainHead } from '../../../src/adapters/chain/interface.ts';
import type { OutboxEntry } from '../../../src/runtime/outbox.ts';
import { createSqliteCallbackWindows } from '../../../src/runtime/sqlite-callback-windows.ts';
import { createSqliteOutbox } from '../../../src/runtime/sqlite-outbox.ts';
import { openSqliteStore, type SqliteStore } from '../../../src/runtime/sqlite-store.ts';
import { blockHeight, unixMs } from '../../../src/units.ts';
import { createTrafficWatch } from '../../../src/wiring/alerts/traffic.ts';

const start = 1_760_000_000_000;

let store: SqliteStore;
let height: number;
let standing: string;
let isHealthy: boolean;
let foreign: number;
let watch: ReturnType<typeof createTrafficWatch>;
beforeEach(() => {
  store = openSqliteStore(':memory:');
  [height, standing, isHealthy, foreign] = [1_000, 'following', true, 0];
  watch = createTrafficWatch({
    windows: createSqliteCallbackWindows(store.database),
    follower: { head: () => ({ height }) as unknown as ChainHead },
    rows: { row: () => undefined, onStep: () => () => undefined },
    meta: store.meta,
    foreignCount: () => foreign,
    isInferenceHealthy: () => isHealthy,
    chainStanding: () => standing,
  });
});
afterEach(() => store.close());

const keys = (afterMs = 0): string[] => watch(unixMs(start + afterMs)).map(({ key }) => key);

function queued(windowEndHeight: number): OutboxEntry {
  return createSqliteOutbox(store.database).put({
    leaseId: 'L',
    kind: 'generated',
    url: 'http://127.0.0.1:9100/v1/poc-batches/generated',
    body: Buffer.from('{}'),
    receivedAt: unixMs(start),
    windowEndHeight: blockHeight(windowEndHeight),
    nonceCount: 3,
  });
}

describe('callbacks', () => {
  it('are about to expire when they have waited and their window closes within 20 blocks', () => {
    queued(1_020);
    queued(1_021);
    expect(keys(10_000)).toEqual([]);
    expect(keys(31_000)).toEqual(['callback-expiring:1020']);
    height = 1_021;
    expect(keys(31_000)).toEqual(['callback-expiring:1021']);
  });

  it('that were refused or came too late are in view for half a day of blocks', () => {
    const outbox = createSqliteOutbox(store.database);
    outbox.finish(queued(990).id, 'expired');
    outbox.finish(queued(991).id, 'refused');
    outbox.finish(queued(992).id, 'delivered');
    const found = watch(unixMs(start));
    expect(found.map(({ key, code }) => [key, code])).toEqual([
      ['callback-lost:990', 'CALLBACK_EXPIRED'],
      ['callback-lost:991', 'CALLBACK_REFUSED'],
    ]);
    height = 9_000;
    expect(keys()).toEqual([]);
  });

  it('that nobody asked for are in view for an hour after the last one', () => {
    expect(keys()).toEqual([]);
    foreign = 2;
    expect(keys(1_000)).toEqual(['callback-foreign']);
    expect(keys(3_500_000)).toEqual(['callback-foreign']);
    expect(keys(3_700_000)).toEqual([]);
  });
});

it('a chain that stands still and inference that nobody answers are in view as long as they last', () => {
  standing = 'halted';
  isHealthy = false;
  expect(keys()).toEqual(['chain-halted', 'inference']);
  standing = 'following';
  isHealthy = true;
  expect(keys()).toEqual([]);
});
