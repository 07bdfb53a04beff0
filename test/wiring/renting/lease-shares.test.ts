import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LeaseContext } from '../../../src/machines/lease-context.ts';
import { accrued } from '../../../src/policy/day-ledger.ts';
import { createSqliteHistory } from '../../../src/runtime/sqlite-history.ts';
import { openSqliteStore, type SqliteStore } from '../../../src/runtime/sqlite-store.ts';
import { microUsd, unixMs } from '../../../src/units.ts';
import { createInspectionBooks, type InspectionBooksOptions } from '../../../src/wiring/inspection/books.ts';
import { shareOf } from '../../../src/wiring/renting/lease-shares.ts';

const hourMs = 3_600_000;
const opened = 1_800_000_000_000;
const offer = { price: 520_000, gpuPrice: 500_000, diskPrice: 20_000, trafficUsd: 0.15 };

const context = (runningAfterMs: number | null): LeaseContext =>
  ({
    leaseId: 'A',
    openedAt: opened,
    runningAt: runningAfterMs === null ? null : opened + runningAfterMs,
    offer,
  }) as unknown as LeaseContext;

const owners = (...since: readonly number[]) =>
  since.map((ms, index) => ({ owner: `epoch:${136 + index}`, since: unixMs(opened + ms) }));

describe('what each epoch bears of a machine that was handed on', () => {
  it('is what accrued while it had it; the traffic falls to the first', () => {
    const lease = {
      context: context(0),
      endedAt: unixMs(opened + 3 * hourMs),
      owners: owners(0, hourMs),
      money: { reserved: 4_000_000, settled: 150_000 + 3 * 520_000 },
    };
    expect(shareOf(lease, 'epoch:136', lease.endedAt)).toEqual({ reserved: 0, settled: 150_000 + 520_000 });
    expect(shareOf(lease, 'epoch:137', lease.endedAt)?.settled).toBe(2 * 520_000);
    expect(shareOf(lease, 'epoch:140', lease.endedAt)).toBeUndefined();
  });

  it('sums to what was settled, whoever had it when', () => {
    const life = fc.record({
      runsAfter: fc.option(fc.integer({ min: 0, max: hourMs })),
      since: fc.array(fc.integer({ min: 1, max: 90 * hourMs }), { maxLength: 5 }),
      lasts: fc.integer({ min: 90 * hourMs, max: 100 * hourMs }),
    });
    fc.assert(
      fc.property(life, ({ runsAfter, since, lasts }) => {
        const endedAt = unixMs(opened + lasts);
        const machine = context(runsAfter);
        const ledger = { ...machine, ...machine.offer, endedAt };
        const settled = Math.ceil(accrued(ledger, 0, Infinity, endedAt));
        const lease = {
          context: machine,
          endedAt,
          owners: owners(0, ...since.toSorted((a, b) => a - b)),
          money: { reserved: microUsd(1e9), settled },
        };
        const shares = lease.owners.map(({ owner }) => Number(shareOf(lease, owner, endedAt)?.settled));
        expect(shares.every((share) => share >= 0)).toBe(true);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(settled);
      }),
    );
  });
});

describe('the costs of epochs that had one machine after the other', () => {
  let store: SqliteStore;
  beforeEach(() => {
    store = openSqliteStore(':memory:');
  });
  afterEach(() => store.close());

  function put(id: string, chart: string, value: unknown, fields: Record<string, unknown>): void {
    const isDone = chart === 'epoch' && id !== 'epoch:138';
    store.database
      .prepare(
        'INSERT INTO row (id, chart, version, row_seq, status, snapshot, opened_at, updated_at) VALUES (?, ?, 1, 1, ?, ?, ?, ?)',
      )
      .run(id, chart, isDone ? 'done' : 'active', JSON.stringify({ value, context: fields }), opened, opened);
  }

  it('count it once, each epoch its own hours, and what is reserved only where it is now', () => {
    const events = [
      { at: opened, event: { type: 'xstate.init', input: { owner: 'epoch:136' } } },
      { at: opened + hourMs, event: { type: 'LEASE.HANDED_OVER', owner: 'epoch:137' } },
      { at: opened + 3 * hourMs, event: { type: 'LEASE.HANDED_OVER', owner: 'epoch:138' } },
    ];
    for (const { at, event } of events)
      store.journal.append({ rowId: 'lease:A', chart: 'lease', at: unixMs(at), event, value: 'ready' });
    const fields = { ...context(0), owner: 'epoch:138', ownedSince: opened + 3 * hourMs, instanceId: 7 };
    put('lease:A', 'lease', 'ready', fields);
    for (const index of [136, 137, 138])
      put(`epoch:${index}`, 'epoch', index === 138 ? 'holding' : 'settled', { crew: [{ leaseId: 'A' }] });
    store.database
      .prepare('INSERT INTO reservation (row_id, reserved, opened_at) VALUES (?, ?, ?)')
      .run('lease:A', 9_000_000, opened);
    const now = opened + 4 * hourMs;
    const row = { id: 'lease:A', chart: 'lease', status: 'active', value: 'ready', updatedAt: opened };
    const books = createInspectionBooks({
      clock: { now: () => unixMs(now) },
      history: createSqliteHistory(store.database),
      daemon: { rows: { row: (id: string) => (id === 'lease:A' ? { ...row, context: fields } : undefined) } },
    } as unknown as InspectionBooksOptions);
    const { epochs } = books.epochs({ limit: 10 });
    const costs = epochs.map((epoch) => [epoch.epochIndex, epoch.spentMicroUsd, epoch.reservedMicroUsd]);
    expect(costs).toEqual([
      [138, 0, 9_000_000 - 150_000 - 3 * 520_000],
      [137, 2 * 520_000, 0],
      [136, 150_000 + 520_000, 0],
    ]);
  });
});
