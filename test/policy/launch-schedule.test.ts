import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootModel } from '../../src/policy/boot-model.ts';
import { chooseSchedule, type ScheduleTerms, weighed } from '../../src/policy/launch-schedule.ts';
import { unixMs } from '../../src/units.ts';

const stepSeconds = 15;
/** Ready after exactly so many seconds, with a probability. */
const table = (seconds: number, chance: number) =>
  Float64Array.from({ length: 480 }, (_, index) => (index * stepSeconds >= seconds ? chance : 0));
const terms = (more: Partial<ScheduleTerms> = {}): ScheduleTerms => ({
  readyWithin: table(300, 0.8),
  stepSeconds,
  launchUsd: 0.05,
  waitUsdPerHour: 0.4,
  pocUsd: 20,
  graceSeconds: 255,
  generationSeconds: 320,
  launchesMax: 6,
  leadMaxSeconds: 7_200,
  ...more,
});

describe('a launch schedule', () => {
  it('is exact arithmetic: each further launch happens only if none before is ready', () => {
    const schedule = weighed(terms(), [600, 300]);
    // The first is ready at 300 s before PoC in 0.8 of all cases, and the second is launched just then.
    expect(schedule.expectedLaunches).toBeCloseTo(1.2);
    expect(schedule.readyChance).toBeCloseTo(1 - 0.2 * 0.2);
    expect(schedule.missChance).toBeCloseTo(0.04);
    expect(schedule.expectedWaitSeconds).toBeCloseTo(0.8 * 300, 0);
  });

  it('loses what a late machine does not generate, and all of it when none comes', () => {
    const sure = terms({ readyWithin: table(300, 1), launchUsd: 0, pocUsd: 32, graceSeconds: 240 });
    const at = (lead: number, more: Partial<ScheduleTerms> = {}) =>
      weighed({ ...sure, ...more }, [lead]).expectedUsd;
    // Ready at `poc_start`, a minute after it, and never.
    expect(at(300)).toBeCloseTo(0);
    expect(at(240)).toBeCloseTo((32 * 60) / 320);
    expect(at(150)).toBeCloseTo((32 * 150) / 320);
    expect(at(30)).toBeCloseTo(32);
    expect(at(30, { pocUsd: 16 })).toBeCloseTo(16);
    // Half of all machines never come: half of the PoC is lost, however little of it is over when that is known.
    expect(at(600, { readyWithin: table(300, 0.5), waitUsdPerHour: 0 })).toBeCloseTo(16);
    expect(at(30, { graceSeconds: 400, readyWithin: table(3_000, 1) })).toBeCloseTo(32);
  });

  it('pays for the hours that a ready machine waits, and for each launch that happens', () => {
    const free = terms({ pocUsd: 0, readyWithin: table(300, 1) });
    expect(weighed({ ...free, launchUsd: 0 }, [300 + 3_600]).expectedUsd).toBeCloseTo(0.4);
    expect(weighed({ ...free, launchUsd: 0.05 }, [300]).expectedUsd).toBeCloseTo(0.05);
    expect(weighed({ ...free, launchUsd: 0.05 }, [300, 200]).expectedUsd).toBeCloseTo(0.1);
    expect(weighed({ ...free, launchUsd: 0.05, waitUsdPerHour: 0 }, [400, 100]).expectedUsd).toBeCloseTo(
      0.05,
    );
  });

  it('knows boots to the end of its table, and takes later ones for as likely as the last', () => {
    const short = table(300, 0.8).slice(0, 30);
    expect(weighed(terms({ readyWithin: short }), [3_600]).readyChance).toBeCloseTo(0.8);
  });

  it('begins at the longest lead where even the shortest of the grid is longer', () => {
    expect(chooseSchedule(terms({ leadMaxSeconds: 90 })).leadsSeconds[0]).toBe(90);
    expect(chooseSchedule(terms({ leadMaxSeconds: 120 })).leadsSeconds[0]).toBe(120);
  });

  it('launches no machine that would hardly ever be ready before the last start', () => {
    const { leadsSeconds } = chooseSchedule(terms({ pocUsd: 500, launchesMax: 20 }));
    expect(Math.min(...leadsSeconds)).toBeGreaterThanOrEqual(300 - 255);
  });

  it('launches early enough for a failed first machine, and not long before', () => {
    const { leadsSeconds, missChance } = chooseSchedule(terms());
    expect(leadsSeconds[0]).toBeGreaterThan(600);
    expect(leadsSeconds[0]).toBeLessThan(1_800);
    expect(leadsSeconds.length).toBeGreaterThan(2);
    expect(missChance).toBeLessThan(0.005);
  });

  it('waits longer the more a PoC is worth, and launches less the more a launch costs', () => {
    const of = (more: Partial<ScheduleTerms>) => chooseSchedule(terms(more));
    expect(of({ pocUsd: 500 }).missChance).toBeLessThanOrEqual(of({ pocUsd: 1 }).missChance);
    expect(of({ launchUsd: 1 }).expectedLaunches).toBeLessThanOrEqual(
      of({ launchUsd: 0.01 }).expectedLaunches,
    );
  });

  it('lets launches follow each other faster and faster, half a minute apart at the least', () => {
    const { leadsSeconds } = chooseSchedule(terms({ pocUsd: 100 }));
    const intervals = leadsSeconds.slice(1).map((lead, at) => (leadsSeconds[at] ?? 0) - lead);
    expect(intervals.length).toBeGreaterThan(2);
    for (const [at, interval] of intervals.slice(1).entries())
      expect(interval).toBe(Math.max(30, (intervals[at] ?? 0) / 2));
  });

  it('is cheaper with the documented boots than any that launches evenly, and misses no more', () => {
    const boots = bootModel({ image: 'x', imageGb: 12, modelGb: 0 }, [], unixMs(0));
    const readyWithin = boots.table({ inetDownMbps: 800, reliability: 0.99 }, stepSeconds * 1_000, 480);
    const chosen = chooseSchedule(terms({ readyWithin }));
    for (let lead = 300; lead <= 3_000; lead += 60)
      for (let interval = 60; interval <= 600; interval += 30) {
        const even = Array.from({ length: 6 }, (_, at) => lead - at * interval).filter((at) => at > -255);
        const { expectedUsd, missChance } = weighed(terms({ readyWithin }), even);
        expect(expectedUsd).toBeGreaterThan(chosen.expectedUsd);
        if (expectedUsd < 1.1 * chosen.expectedUsd) expect(missChance).toBeGreaterThan(chosen.missChance);
      }
  });

  it('begins at the fixed lead where one is set', () => {
    expect(chooseSchedule(terms({ leadSeconds: 1_800 })).leadsSeconds[0]).toBe(1_800);
  });

  it('never has more launches than allowed, none before the longest lead, and none that cannot be of use', () => {
    const any = fc.record({
      seconds: fc.integer({ min: 30, max: 3_000 }),
      chance: fc.double({ min: 0.3, max: 1, noNaN: true }),
      launchesMax: fc.integer({ min: 1, max: 8 }),
      leadMaxSeconds: fc.integer({ min: 120, max: 7_200 }),
      pocUsd: fc.double({ min: 0.1, max: 200, noNaN: true }),
    });
    fc.assert(
      fc.property(any, ({ seconds, chance, ...more }) => {
        const schedule = chooseSchedule(terms({ readyWithin: table(seconds, chance), ...more }));
        const { leadsSeconds } = schedule;
        expect(leadsSeconds.length).toBeGreaterThanOrEqual(1);
        expect(leadsSeconds.length).toBeLessThanOrEqual(more.launchesMax);
        expect(leadsSeconds[0]).toBeLessThanOrEqual(more.leadMaxSeconds);
        expect(leadsSeconds).toEqual(leadsSeconds.toSorted((a, b) => b - a));
        for (const lead of leadsSeconds.slice(1)) expect(lead).toBeGreaterThan(-255);
        expect(schedule.expectedLaunches).toBeLessThanOrEqual(leadsSeconds.length + 1e-9);
        expect(schedule.missChance).toBeGreaterThanOrEqual(0);
        expect(schedule.missChance).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });
});
