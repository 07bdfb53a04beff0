import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/runtime/sqlite-store.ts';
import { createSqliteUsage } from '../../src/runtime/sqlite-usage.ts';
import type { UsageRow } from '../../src/runtime/usage-ledger.ts';
import { microUsd, unixMs } from '../../src/units.ts';
import { temporaryDir } from './rig.ts';

const usage = (overrides: Partial<UsageRow> = {}): UsageRow => ({
  day: 20_000,
  caller: 'alice',
  backEnd: 'hyperbolic',
  model: 'their/model',
  requests: 1,
  failed: 0,
  promptTokens: 7,
  completionTokens: 3,
  cost: microUsd(4),
  unknownCost: 0,
  assumedTokens: 0,
  assumedCost: microUsd(0),
  ...overrides,
});

describe('the books of inference', () => {
  it('add up by day, caller, back end and model, over a restart', () => {
    const path = join(temporaryDir(), 's.sqlite');
    const before = openSqliteStore(path);
    const others = [{ day: 20_001 }, { caller: 'bob' }, { backEnd: 'upstream-2' }, { model: 'x' }].map(usage);
    createSqliteUsage(before.database).add([usage(), ...others]);
    before.close();
    const after = openSqliteStore(path);
    const ledger = createSqliteUsage(after.database);
    const broken = usage({ failed: 1, unknownCost: 1, assumedTokens: 5, assumedCost: microUsd(20) });
    ledger.add([{ ...broken, promptTokens: 0, completionTokens: 0, cost: microUsd(0) }, usage()]);
    expect(ledger.ofDay(20_000)).toHaveLength(4);
    expect(ledger.ofDay(20_000)).toContainEqual({
      ...usage(),
      requests: 3,
      failed: 1,
      promptTokens: 14,
      completionTokens: 6,
      cost: 8,
      unknownCost: 1,
      assumedTokens: 5,
      assumedCost: 20,
    });
    expect(ledger.ofDay(20_001)).toEqual([usage({ day: 20_001 })]);
    expect(ledger.ofDay(19_999)).toEqual([]);
    after.close();
  });

  it('take a batch whole or not at all', () => {
    const store = openSqliteStore(':memory:');
    const ledger = createSqliteUsage(store.database);
    expect(() => ledger.add([usage(), usage({ caller: 'bob', requests: 0.5 })])).toThrow();
    expect(ledger.ofDay(20_000)).toEqual([]);
    store.close();
    expect(() => ledger.add([usage()])).toThrow(expect.objectContaining({ code: 'STORE_BROKEN' }));
  });
});

describe('a store of the first version', () => {
  it('opens, keeps what it has and gets the books', () => {
    const path = join(temporaryDir(), 's.sqlite');
    const first = new DatabaseSync(path);
    first.exec(readFileSync(new URL('../../migrations/000001.sql', import.meta.url), 'utf8'));
    first.exec('PRAGMA user_version=1');
    first.exec(`INSERT INTO meta (key, value) VALUES ('k', 'v')`);
    first.exec(`INSERT INTO row VALUES ('epoch:1', 'epoch', 1, 3, 'active', '{}', 5, 6)`);
    first.exec(`INSERT INTO reservation VALUES ('lease:1', 100, NULL, 5)`);
    first.close();

    const store = openSqliteStore(path);
    expect(store.meta.get('k')).toBe('v');
    expect(store.rows.get('epoch:1')).toMatchObject({ rowSeq: 3, status: 'active', updatedAt: unixMs(6) });
    expect(store.leases.newest(9)).toMatchObject([{ rowId: 'lease:1', reserved: 100 }]);
    createSqliteUsage(store.database).add([usage()]);
    store.close();

    const again = openSqliteStore(path);
    expect(createSqliteUsage(again.database).ofDay(20_000)).toEqual([usage()]);
    expect(again.database.prepare('PRAGMA user_version').get()?.['user_version']).toBeGreaterThanOrEqual(2);
    again.close();
  });
});
