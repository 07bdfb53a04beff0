import { afterEach, describe, expect, it } from 'vitest';
import { openSqliteDatabase } from '../../src/runtime/sqlite-database.ts';
import { type RentalRecord, sqliteRentals } from '../../src/runtime/sqlite-rentals.ts';
import { unixMs } from '../../src/units.ts';

const database = openSqliteDatabase(':memory:');
afterEach(() => database.exec('DELETE FROM rental'));

const rental = (leaseId: string, openedAt: number, more: Partial<RentalRecord> = {}): RentalRecord =>
  ({
    leaseId,
    owner: 'epoch:1',
    machineId: 7,
    image: 'image',
    gpuName: 'RTX 4090',
    gpuCount: 1,
    gpuRamMb: 24_564,
    inetDownMbps: 812.5,
    reliability: 0.99,
    gpuPrice: 400_000,
    diskPrice: 20_000,
    trafficUsd: 0.05,
    openedAt: unixMs(openedAt),
    ownedSince: unixMs(openedAt),
    runningAt: null,
    readyAt: null,
    endedAt: null,
    settled: null,
    fault: null,
    distrust: null,
    ...more,
  }) as RentalRecord;

describe('the rentals of one database', () => {
  it('are read in the order of their opening, the newest of them last', () => {
    const table = sqliteRentals(database);
    for (const [leaseId, at] of [
      ['c', 3_000],
      ['a', 1_000],
      ['b', 2_000],
    ] as const)
      table.keep(rental(leaseId, at));
    expect(table.newest(2).map(({ leaseId }) => leaseId)).toEqual(['b', 'c']);
  });

  it('show every write to whoever opens them again', () => {
    const before = sqliteRentals(database);
    before.keep(rental('a', 1_000));
    before.keep(rental('b', 2_000, { distrust: 'too_slow' }));
    expect(before.newest(9)).toHaveLength(2);
    before.keep(rental('a', 1_000, { endedAt: unixMs(9_000) }));
    before.noteWork('a', 120, 60_000);
    before.forgive('all');
    const [a, b] = sqliteRentals(database).newest(9);
    expect(a).toMatchObject({ leaseId: 'a', endedAt: 9_000, nonces: 120, workMs: 60_000, isForgiven: true });
    expect(b).toMatchObject({ leaseId: 'b', distrust: 'too_slow', nonces: null, isForgiven: true });
  });

  it('forget what a transaction wrote that was rolled back', () => {
    const table = sqliteRentals(database);
    table.keep(rental('a', 1_000));
    table.newest(9);
    database.exec('BEGIN');
    table.noteWork('a', 120, 60_000);
    expect(table.newest(9)[0]).toMatchObject({ nonces: 120 });
    database.exec('ROLLBACK');
    expect(table.newest(9)[0]).toMatchObject({ nonces: null });
  });
});
