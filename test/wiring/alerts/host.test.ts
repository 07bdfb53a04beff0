import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LeaseRow, RowView } from '../../../src/runtime/interface.ts';
import { openSqliteStore, type SqliteStore } from '../../../src/runtime/sqlite-store.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { microUsd, unixMs } from '../../../src/units.ts';
import { createHostWatch, type HostWatch } from '../../../src/wiring/alerts/host.ts';
import { configWith } from '../settings.ts';
import { silent } from '../small-town.ts';

const start = 1_760_000_000_000;

let clock: VirtualClock;
let store: SqliteStore;
let creditUsd: number;
let asked: number;
let leases: Partial<LeaseRow>[];
let unfit: Partial<RowView>[];
let host: HostWatch;

function build(isDeploymentUnsaved = false): HostWatch {
  return createHostWatch({
    config: configWith({ STATE_DIR: '/tmp' }),
    store,
    rows: {
      leases: () => leases as LeaseRow[],
      rows: ({ chart } = {}) => (chart === undefined ? (unfit as RowView[]) : []),
    },
    vast: {
      account: async () => {
        asked += 1;
        return { email: 'host@example.org', creditUsd };
      },
    },
    clock,
    isDeploymentUnsaved,
    log: silent,
  });
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: start });
  clock = new VirtualClock(start);
  store = openSqliteStore(':memory:');
  [creditUsd, asked, leases, unfit] = [10, 0, [], []];
  host = build();
});
afterEach(() => {
  host.stop();
  store.close();
  vi.useRealTimers();
});

const keys = (): string[] => host.alerts(clock.now(), []).map(({ key }) => key);
/** What was read in the background is there at the next look. */
async function looked(): Promise<string[]> {
  keys();
  await new Promise((resolve) => setImmediate(resolve));
  return keys();
}

describe('the credit', () => {
  const lease = (reserved: number, openedAt: number) => ({
    reserved: microUsd(reserved),
    openedAt: unixMs(openedAt),
  });

  it('is low when it is less than the greatest of the newest reservations', async () => {
    leases = [lease(9_000_000, 1), lease(1_000_000, 2), lease(2_000_000, 3), lease(1_500_000, 4)];
    creditUsd = 1.9;
    expect(await looked()).toEqual(['credit']);
    expect(host.creditUsd()).toBe(1.9);
  });

  it('is read every half hour, and a failure says nothing about it', async () => {
    leases = [lease(2_000_000, 1)];
    expect(await looked()).toEqual([]);
    creditUsd = 0;
    expect(await looked()).toEqual([]);
    expect(asked).toBe(1);
    await clock.advanceBy(1_800_000);
    vi.setSystemTime(clock.now());
    expect(await looked()).toEqual(['credit']);
    expect(asked).toBe(2);
  });
});

it('an event that was parked is in view for a day, a row that does not fit as long as it waits', () => {
  store.parked.put({
    rowId: 'lease:L',
    chart: 'lease',
    at: clock.now(),
    event: { type: 'LEASE.ODD' },
    fault: { code: 'CHART_FAULT', class: 'operator', message: 'a guard threw' },
  });
  unfit = [{ id: 'epoch:7', status: 'parked' }];
  expect(keys()).toEqual(['parked:lease:L', 'parked:epoch:7:row']);
  store.parked.put({
    rowId: 'old',
    chart: 'lease',
    at: unixMs(start - 90_000_000),
    event: { type: 'X' },
    fault: { code: 'CHART_FAULT', class: 'operator', message: 'm' },
  });
  unfit = [];
  expect(keys()).toEqual(['parked:lease:L']);
});

it('a wall clock that is set while the daemon runs is seen, forwards and backwards, and one that is put right again', () => {
  expect(keys()).toEqual([]);
  vi.setSystemTime(start + 6_000);
  expect(keys()).toEqual(['clock']);
  vi.setSystemTime(start - 6_000);
  expect(keys()).toEqual(['clock']);
  vi.setSystemTime(start + 4_000);
  expect(keys()).toEqual([]);
});

it('a DEPLOYMENT_ID that is nowhere else is in view until the next start', () => {
  host = build(true);
  expect(keys()).toEqual(['deployment']);
});

it('a channel is in view once it needs a person, or has failed three times', () => {
  const view = (failures: number, retryClass: 'retryable' | 'operator') => ({
    name: 'slack',
    failures,
    fault: { code: 'NOTIFY_UNREACHABLE', class: retryClass, message: 'slack does not answer' } as const,
    sentAt: null,
    pausedUntil: null,
  });
  const of = (channel: ReturnType<typeof view>) => host.alerts(clock.now(), [channel]).map(({ key }) => key);
  expect(of(view(2, 'retryable'))).toEqual([]);
  expect(of(view(3, 'retryable'))).toEqual(['channel:slack']);
  expect(of(view(1, 'operator'))).toEqual(['channel:slack']);
});

it('the free space of the disk is known after the first look', async () => {
  keys();
  await vi.waitFor(() => expect(host.freeBytes()).toBeGreaterThan(0));
});
