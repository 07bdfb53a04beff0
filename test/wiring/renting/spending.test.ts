import { describe, expect, it } from 'vitest';
import type { RowView } from '../../../src/runtime/interface.ts';
import type { RememberedRental } from '../../../src/runtime/sqlite-rentals.ts';
import { microUsd, microUsdPerHour, unixMs } from '../../../src/units.ts';
import { bookedToday, spendingLeft, type SpendingTerms } from '../../../src/wiring/renting/spending.ts';
import { configWith } from '../settings.ts';

const noon = Date.UTC(2026, 2, 5, 12);
const hourMs = 3_600_000;
const offer = { gpuPrice: microUsdPerHour(90_000), diskPrice: microUsdPerHour(10_000), trafficUsd: 0 };

const open = (owner: string, openedAt: number, reserved: number, more: object = {}): RowView =>
  ({
    context: {
      owner,
      openedAt: unixMs(openedAt),
      ownedSince: null,
      runningAt: unixMs(openedAt),
      reserved: microUsd(reserved),
      offer,
      ...more,
    },
  }) as unknown as RowView;
const ended = (owner: string, from: number, to: number): RememberedRental =>
  ({
    owner,
    ...offer,
    openedAt: unixMs(from),
    ownedSince: unixMs(from),
    runningAt: unixMs(from),
    endedAt: unixMs(to),
    settled: microUsd(((to - from) / hourMs) * 100_000),
  }) as unknown as RememberedRental;
const terms = (rows: readonly RowView[], rentals: readonly RememberedRental[] = []): SpendingTerms => ({
  rows: { rows: () => rows },
  rentals,
  now: unixMs(noon),
});
const left = (given: SpendingTerms, settings: Record<string, string>, owner = 'epoch:1', untilMs = noon) =>
  spendingLeft(given, configWith(settings), owner, unixMs(untilMs));

describe('what is booked today', () => {
  it('is what accrued today, and the rest of open reservations', () => {
    const given = terms(
      [open('epoch:1', noon - hourMs, 900_000)],
      [ended('epoch:1', noon - 3 * hourMs, noon - hourMs)],
    );
    expect(bookedToday(given)).toEqual({ spent: 300_000, reserved: 800_000 });
  });

  it('leaves out what accrued before midnight, and machines that never were', () => {
    const given = terms([], [ended('epoch:0', noon - 14 * hourMs, noon - 11 * hourMs)]);
    expect(bookedToday(given)).toEqual({ spent: 100_000, reserved: 0 });
    expect(bookedToday(terms([])).spent).toBe(0);
  });
});

describe('what one more rental may cost', () => {
  const given = terms(
    [open('epoch:1', noon, 300_000)],
    [ended('epoch:2', noon - 4 * hourMs, noon), ended('epoch:1', noon - 5 * hourMs, noon - 4 * hourMs)],
  );

  it('is what the daily cap leaves', () => {
    expect(left(given, { MAX_DAILY_SPEND: '1' })).toBe(200_000);
  });

  it('is what the fullest day leaves, when it lasts over midnight', () => {
    const long = terms([open('epoch:1', noon, 1_500_000)]);
    expect(left(long, { MAX_DAILY_SPEND: '2' }, 'epoch:1', noon + 13 * hourMs)).toBe(500_000);
  });

  it('is bounded by the cap of the PoC too, which counts its own machines only', () => {
    const settings = { MAX_DAILY_SPEND: '10', MAX_EPOCH_SPEND: '0.5' };
    expect(left(given, settings, 'epoch:1')).toBe(100_000);
    expect(left(given, settings, 'epoch:2')).toBe(100_000);
    expect(left(given, settings, 'epoch:3')).toBe(500_000);
    expect(left(given, { MAX_DAILY_SPEND: '0.85', MAX_EPOCH_SPEND: '0.5' }, 'epoch:3')).toBe(50_000);
  });

  it('counts a machine that was handed over from then on, with all that it may still cost', () => {
    const kept = terms([
      open('epoch:2', noon - 10 * hourMs, 3_000_000, { ownedSince: unixMs(noon - hourMs) }),
    ]);
    expect(left(kept, { MAX_DAILY_SPEND: '100', MAX_EPOCH_SPEND: '5' }, 'epoch:2')).toBe(2_900_000);
  });

  it('is nothing, not less, once a cap is passed', () => {
    expect(left(given, { MAX_DAILY_SPEND: '0.1' })).toBe(0);
  });
});
