import { describe, expect, it } from 'vitest';
import type { LeaseRow, RowView, Runtime } from '../../src/runtime/interface.ts';
import { microUsd, unixMs } from '../../src/units.ts';
import { spendingLeft, spentToday } from '../../src/wiring/spending.ts';
import { configWith } from './settings.ts';

const noon = Date.UTC(2026, 2, 5, 12);
const hourMs = 3_600_000;

const lease = (id: string, openedAt: number, reserved: number, settled: number | null = null): LeaseRow => ({
  rowId: `lease:${id}`,
  openedAt: unixMs(openedAt),
  reserved: microUsd(reserved),
  settled: settled === null ? null : microUsd(settled),
});
const rowsOf = (
  leases: readonly LeaseRow[],
  owners: Readonly<Record<string, string>>,
): Pick<Runtime, 'leases' | 'rows'> => ({
  leases: () => leases,
  rows: () => leases.map(({ rowId }) => ({ id: rowId, context: { owner: owners[rowId] } }) as RowView),
});

describe('what was spent today', () => {
  it('counts an open lease with its whole reservation and a settled one with what it cost', () => {
    const leases = [lease('A', noon, 900_000), lease('B', noon, 900_000, 200_000)];
    expect(spentToday(leases, unixMs(noon + hourMs))).toBe(1_100_000);
  });

  it('counts an open reservation whenever it was made, and settled leases of the day and the day before', () => {
    const leases = [
      lease('old', noon - 72 * hourMs, 10),
      lease('yesterday', noon - 24 * hourMs, 100, 90),
      lease('the day before', noon - 48 * hourMs, 1_000, 900),
    ];
    expect(spentToday(leases, unixMs(noon))).toBe(100);
  });
});

describe('what one more rental may cost', () => {
  const leases = [lease('A', noon, 300_000), lease('B', noon, 500_000, 400_000)];
  const owners = { 'lease:A': 'epoch:1', 'lease:B': 'epoch:2' };

  it('is what the daily cap leaves', () => {
    const config = configWith({ MAX_DAILY_SPEND: '1' });
    expect(spendingLeft(rowsOf(leases, owners), config, 'epoch:1', unixMs(noon))).toBe(300_000);
  });

  it('is bounded by the cap of the PoC too, which counts its own machines only', () => {
    const config = configWith({ MAX_DAILY_SPEND: '10', MAX_EPOCH_SPEND: '0.5' });
    expect(spendingLeft(rowsOf(leases, owners), config, 'epoch:1', unixMs(noon))).toBe(200_000);
    expect(spendingLeft(rowsOf(leases, owners), config, 'epoch:2', unixMs(noon))).toBe(100_000);
    expect(spendingLeft(rowsOf(leases, owners), config, 'epoch:3', unixMs(noon))).toBe(500_000);
    const dayLeaves = configWith({ MAX_DAILY_SPEND: '0.75', MAX_EPOCH_SPEND: '0.5' });
    expect(spendingLeft(rowsOf(leases, owners), dayLeaves, 'epoch:3', unixMs(noon))).toBe(50_000);
  });

  it('is nothing, not less, once a cap is passed', () => {
    const config = configWith({ MAX_DAILY_SPEND: '0.1' });
    expect(spendingLeft(rowsOf(leases, owners), config, 'epoch:1', unixMs(noon))).toBe(0);
  });
});
