import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accrued,
  bookedOn,
  bookedSince,
  dailyLeft,
  type LedgerLease,
  reservedUntil,
  utcDay,
} from '../../src/policy/day-ledger.ts';
import { meteredCost, worstCaseCost } from '../../src/policy/metering.ts';
import { microUsd, microUsdPerHour, unixMs } from '../../src/units.ts';

const hourMs = 3_600_000;
const midnight = Date.UTC(2026, 2, 6);
const day = utcDay(midnight);
const lease = (more: Partial<LedgerLease> = {}): LedgerLease => ({
  openedAt: unixMs(midnight - hourMs),
  runningAt: unixMs(midnight - hourMs),
  endedAt: null,
  gpuPrice: microUsdPerHour(900_000),
  diskPrice: microUsdPerHour(100_000),
  trafficUsd: 0,
  reserved: microUsd(3_000_000),
  ...more,
});

describe('a UTC day', () => {
  it('bears of a machine that is gone what accrued in it, to the second', () => {
    const gone = lease({ endedAt: unixMs(midnight + 30 * 60_000) });
    expect(bookedOn(gone, day - 1, unixMs(midnight + hourMs))).toBe(1_000_000);
    expect(bookedOn(gone, day, unixMs(midnight + hourMs))).toBe(500_000);
    expect(bookedOn(gone, day + 1, unixMs(midnight + hourMs))).toBe(0);
  });

  it('bears the whole rest of an open reservation, as the next one does that it touches', () => {
    const now = unixMs(midnight - 30 * 60_000);
    expect(reservedUntil(lease())).toBe(midnight + 2 * hourMs);
    expect(bookedOn(lease(), day - 1, now)).toBe(3_000_000);
    expect(bookedOn(lease(), day, now)).toBe(2_500_000);
    expect(bookedOn(lease(), day + 1, now)).toBe(0);
  });

  it('leaves what the fullest day that is touched leaves', () => {
    const now = unixMs(midnight - 30 * 60_000);
    const left = (untilHours: number) =>
      dailyLeft([lease()], {
        cap: microUsd(4_000_000),
        now,
        until: unixMs(midnight + untilHours * hourMs),
      });
    expect(left(-0.25)).toBe(1_000_000);
    expect(left(1)).toBe(1_000_000);
    expect(dailyLeft([lease()], { cap: microUsd(1), now, until: now })).toBe(0);
  });

  it('pulls the image once: traffic is booked on the day of the create, and in the reservation before', () => {
    const fresh = lease({ trafficUsd: 1, openedAt: unixMs(midnight), runningAt: null });
    expect(bookedOn(fresh, day, unixMs(midnight))).toBe(3_000_000);
    expect(accrued(fresh, 0, Infinity, unixMs(midnight))).toBe(1_000_000);
    expect(accrued(fresh, 0, midnight, unixMs(midnight + hourMs))).toBe(0);
    expect(bookedOn(fresh, day - 1, unixMs(midnight + hourMs))).toBe(0);
  });

  it('bears no rest of a day that is over, and the rest on this one even when the reservation is used up', () => {
    const now = unixMs(midnight + 5 * hourMs);
    expect(bookedOn(lease(), day - 1, now)).toBe(1_000_000);
    expect(bookedOn(lease(), day, now)).toBe(5_000_000);
    const dear = lease({ gpuPrice: microUsdPerHour(0), runningAt: null, reserved: microUsd(500_000) });
    expect(bookedOn(dear, day, now)).toBe(500_000);
    // A container that never ran cost its disk alone: what was meant for the GPU is still bound.
    const idle = lease({ openedAt: unixMs(midnight - 20 * hourMs), runningAt: null });
    expect(utcDay(reservedUntil(idle))).toBe(day - 1);
    expect(bookedOn(idle, day, unixMs(midnight))).toBe(1_000_000);
  });

  it('reckons the time that a reservation lasts without the traffic, which is paid with the pull', () => {
    expect(reservedUntil(lease({ trafficUsd: 1 }))).toBe(midnight + hourMs);
    expect(reservedUntil(lease({ trafficUsd: 9 }))).toBe(midnight - hourMs);
  });
});

describe('an epoch', () => {
  const now = unixMs(midnight + hourMs);

  it('bears of a machine that is gone what accrued since the epoch has it', () => {
    const gone = lease({ endedAt: unixMs(midnight + 30 * 60_000) });
    expect(bookedSince(gone, unixMs(midnight), now)).toBe(500_000);
    expect(bookedSince(gone, gone.openedAt, now)).toBe(1_500_000);
  });

  it('bears the rest of the reservation of a machine that is there, and nothing for one that has used it up', () => {
    expect(bookedSince(lease(), unixMs(midnight), now)).toBe(1_000_000 + 1_000_000);
    expect(bookedSince(lease({ reserved: microUsd(1) }), unixMs(midnight), now)).toBe(1_000_000);
  });
});

describe('the ledger', () => {
  const rental = fc.record({
    startMs: fc.integer({ min: 0, max: 48 * hourMs }),
    bootMs: fc.nat(hourMs),
    holdMs: fc.nat(30 * hourMs),
    gpuPrice: fc.nat(5_000_000),
    diskPrice: fc.nat(200_000),
    trafficUsd: fc.double({ min: 0, max: 3, noNaN: true }),
  });

  it('books the bill exactly, over all days', () => {
    fc.assert(
      fc.property(rental, ({ startMs, bootMs, holdMs, gpuPrice, diskPrice, trafficUsd }) => {
        const openedAt = unixMs(midnight + startMs);
        const endedAt = unixMs(openedAt + bootMs + holdMs);
        const one = lease({
          openedAt,
          runningAt: unixMs(openedAt + bootMs),
          endedAt,
          gpuPrice: microUsdPerHour(gpuPrice),
          diskPrice: microUsdPerHour(diskPrice),
          trafficUsd,
        });
        let sum = 0;
        for (let at = utcDay(openedAt); at <= utcDay(endedAt); at += 1) sum += bookedOn(one, at, endedAt);
        const bill = meteredCost({ ...one, createdAt: openedAt, endedAt });
        expect(Math.abs(sum - bill)).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('never lets a rental that fits into what is left pass the cap of any day, however long it lives', () => {
    const any = fc.record({
      rentals: fc.array(rental, { minLength: 1, maxLength: 8 }),
      cap: fc.integer({ min: 100_000, max: 20_000_000 }),
      lives: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(any, ({ rentals, cap, lives }) => {
        const taken: LedgerLease[] = [];
        for (const terms of rentals.toSorted((a, b) => a.startMs - b.startMs)) {
          const now = unixMs(midnight + terms.startMs);
          const price = microUsdPerHour(terms.gpuPrice + terms.diskPrice);
          const lastsMs = terms.bootMs + terms.holdMs;
          const reserved = worstCaseCost(price, lastsMs, terms.trafficUsd);
          const known = taken.map((one) => ({
            ...one,
            endedAt: one.endedAt !== null && one.endedAt <= now ? one.endedAt : null,
          }));
          const left = dailyLeft(known, { cap: microUsd(cap), now, until: unixMs(now + lastsMs) });
          if (reserved > left) continue;
          taken.push(
            lease({
              openedAt: now,
              runningAt: now,
              endedAt: unixMs(now + lives * lastsMs),
              gpuPrice: microUsdPerHour(terms.gpuPrice),
              diskPrice: microUsdPerHour(terms.diskPrice),
              trafficUsd: terms.trafficUsd,
              reserved,
            }),
          );
        }
        const end = unixMs(midnight + 200 * hourMs);
        for (let at = day; at <= day + 8; at += 1) {
          const spent = taken.reduce((sum, one) => sum + bookedOn(one, at, end), 0);
          expect(spent).toBeLessThanOrEqual(cap + taken.length * 2);
        }
      }),
    );
  });
});
