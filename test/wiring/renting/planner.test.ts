import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { microUsdPerHourOfDollars } from '../../../src/units.ts';
import { createPlanner } from '../../../src/wiring/renting/planner.ts';
import type { RentalMemory } from '../../../src/wiring/renting/rental-memory.ts';
import { blockTimeMs, head, startAt } from '../../knobs/quiet-daemon.ts';
import { configWith } from '../settings.ts';

type Rental = RentalMemory['all'][number];

const rental = (inetDownMbps: number): Rental =>
  ({
    inetDownMbps,
    reliability: 0.98,
    trafficUsd: 0.04,
    gpuPrice: microUsdPerHourOfDollars(0.5),
    diskPrice: microUsdPerHourOfDollars(0.02),
  }) as Rental;

function planning(rentals: readonly Rental[] = []) {
  const clock = new VirtualClock(startAt);
  const memory = { version: 1, all: rentals, boots: () => [] };
  const planner = createPlanner({
    config: configWith({ RENTAL_POLICY: 'sprint', VASTAI_MIN_INET_DOWN: '500', VASTAI_MAX_PRICE: '0.8' }),
    clock,
    memory,
    knowledge: {
      isSettled: true,
      confirmation: { expectedPerEpoch: 0, adminExpectedPerEpoch: null, wasEventSeen: false },
      node: { isDisabled: false, isPreserved: false },
    },
    pocVersion: () => 'v1',
  });
  return { clock, memory, planner, schedule: () => planner.schedule(head, blockTimeMs) };
}

describe('the machine by which a schedule is reckoned', () => {
  it('is an ordinary one at half of the highest price until three were rented', () => {
    expect(planning([rental(800), rental(900)]).planner.usualMachine()).toEqual({
      inetDownMbps: 1_000,
      reliability: 0.99,
      launchUsd: 0.06,
      gpuUsdPerHour: 0.4,
    });
  });

  it('has the middle line of those that were rented, and what they cost', () => {
    const { planner } = planning([rental(700), rental(900), rental(8_000)]);
    expect(planner.usualMachine()).toMatchObject({
      inetDownMbps: 900,
      reliability: 0.98,
      gpuUsdPerHour: 0.5,
    });
  });

  it('is never slower than what is searched for', () => {
    expect(planning([rental(90), rental(90), rental(90)]).planner.usualMachine().inetDownMbps).toBe(500);
  });

  it('costs for a launch that another one beats three images in four, and disk for a quarter of an hour', () => {
    const { launchUsd } = planning([rental(700), rental(900), rental(900)]).planner.usualMachine();
    expect(launchUsd).toBeCloseTo(0.75 * 0.04 + 0.25 * 0.02, 9);
  });

  it('is that of the last fifteen', () => {
    const rentals = [...Array.from({ length: 20 }, () => rental(5_000)), ...Array(15).fill(rental(900))];
    expect(planning(rentals).planner.usualMachine().inetDownMbps).toBe(900);
  });
});

describe('a schedule that was made', () => {
  it('stays for an hour, whatever is learnt meanwhile, and is made anew after it', async () => {
    const { clock, memory, schedule } = planning([rental(900), rental(900), rental(900)]);
    const first = schedule();
    memory.version = 2;
    expect(schedule()).toBe(first);
    await clock.advanceBy(3_600_000);
    expect(schedule()).not.toBe(first);
  });

  it('stays as long as nothing is learnt', async () => {
    const { clock, schedule } = planning();
    const first = schedule();
    await clock.advanceBy(36_000_000);
    expect(schedule()).toBe(first);
  });
});
