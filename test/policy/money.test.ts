import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetLeft } from '../../src/policy/budget.ts';
import { meteredCost, worstCaseCost } from '../../src/policy/metering.ts';
import { microUsd, microUsdPerHour, unixMs } from '../../src/units.ts';

const hourMs = 3_600_000;
const reading = {
  gpuPrice: microUsdPerHour(600_000),
  diskPrice: microUsdPerHour(30_000),
  createdAt: unixMs(0),
  runningAt: unixMs(hourMs / 2),
  endedAt: unixMs(2 * hourMs),
  trafficUsd: 0.06,
};

describe('the meter', () => {
  it('bills disk from creation, the GPU from the running container, and traffic', () => {
    expect(meteredCost(reading)).toBe(900_000 + 60_000 + 60_000);
  });

  it('bills no GPU for a container that never ran', () => {
    expect(meteredCost({ ...reading, runningAt: null })).toBe(60_000 + 60_000);
  });

  it('never gives money back when a clock was set back', () => {
    expect(meteredCost({ ...reading, endedAt: unixMs(0), trafficUsd: 0 })).toBe(0);
  });

  it('rounds up to whole micro-dollars', () => {
    expect(worstCaseCost(microUsdPerHour(1), 1, 0)).toBe(1);
    expect(worstCaseCost(microUsdPerHour(1_000_000), hourMs, 0.5)).toBe(1_500_000);
  });

  it('never passes what was reserved for the same hold', () => {
    const terms = fc.record({
      gpuPrice: fc.nat(20_000_000),
      diskPrice: fc.nat(1_000_000),
      holdMs: fc.nat(48 * hourMs),
      bootShare: fc.double({ min: 0, max: 1, noNaN: true }),
      isRunning: fc.boolean(),
      trafficUsd: fc.double({ min: 0, max: 20, noNaN: true }),
    });
    fc.assert(
      fc.property(terms, ({ gpuPrice, diskPrice, holdMs, bootShare, isRunning, trafficUsd }) => {
        const metered = meteredCost({
          gpuPrice: microUsdPerHour(gpuPrice),
          diskPrice: microUsdPerHour(diskPrice),
          createdAt: unixMs(1_000),
          runningAt: isRunning ? unixMs(1_000 + bootShare * holdMs) : null,
          endedAt: unixMs(1_000 + holdMs),
          trafficUsd,
        });
        const reserved = worstCaseCost(microUsdPerHour(gpuPrice + diskPrice), holdMs, trafficUsd);
        // One micro-dollar of rounding: the same sum in another order.
        expect(metered).toBeLessThanOrEqual(reserved + 1);
      }),
    );
  });
});

describe('a budget', () => {
  it('leaves what neither settled costs nor reservations have taken, and never less than nothing', () => {
    expect(budgetLeft({ spentAndReserved: microUsd(3), cap: microUsd(10) })).toBe(7);
    expect(budgetLeft({ spentAndReserved: microUsd(30), cap: microUsd(10) })).toBe(0);
  });

  it('is never passed by a rental that fits into what is left', () => {
    const amounts = fc.record({
      spent: fc.nat(1e9),
      cap: fc.nat(1e9),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(amounts, ({ spent, cap, share }) => {
        const left = budgetLeft({ spentAndReserved: microUsd(spent), cap: microUsd(cap) });
        const reserved = Math.floor(left * share);
        expect(spent + reserved).toBeLessThanOrEqual(Math.max(spent, cap));
      }),
    );
  });
});
