import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { charts, volatileCharts } from '../../src/wiring/daemon.ts';
import { TransitionCoverage } from '../support/transition-coverage.ts';
import { chartSamples } from './chart-samples.ts';
import { ChartWalk, walksOf } from './chart-walk.ts';

const all = { ...charts, ...volatileCharts };
const coverage = new TransitionCoverage();
for (const [name, { machine }] of Object.entries(all)) coverage.watch(name, machine);

/** The seed makes a gap a gap for everybody. */
const runs = { numRuns: 3_000, seed: 2_026 };
/** At least so many walks; then as many as it takes to have been everywhere. */
const walksMin = 300;

test('every chart of the daemon is walked', () => {
  expect(Object.keys(chartSamples).toSorted()).toEqual(Object.keys(all).toSorted());
});

describe.each(Object.keys(chartSamples))('whatever befalls a row of the chart %s', (chart) => {
  const sample = chartSamples[chart];
  if (sample === undefined) throw new Error(`no sample of ${chart}`);

  test('its invariants hold after every step, and over every crash', async () => {
    let walks = 0;
    let isBroken = false;
    const walk = fc.asyncProperty(walksOf(sample), async ({ input, steps }) => {
      if (!isBroken && walks >= walksMin && coverage.gaps(chart).length === 0) return;
      walks += 1;
      // From here on a shorter way to the same fault is looked for.
      isBroken = true;
      const row = new ChartWalk(chart, all, sample, input);
      try {
        for (const step of steps) await row.play(step);
        isBroken = false;
      } finally {
        await row.close();
      }
    });
    await fc.assert(walk, runs);
    console.info(`${chart}: ${walks} walks`);
  }, 120_000);

  test('every transition is taken, and every guard lets through and holds back', () => {
    console.info(coverage.line(chart));
    expect(coverage.gaps(chart)).toEqual([]);
  });
});
