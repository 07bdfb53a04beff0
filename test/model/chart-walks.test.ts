import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { charts, volatileCharts } from '../../src/wiring/daemon.ts';
import { TransitionCoverage } from '../support/transition-coverage.ts';
import { chartSamples } from './chart-samples.ts';
import { ChartWalk, walkSteps } from './chart-walk.ts';

const all = { ...charts, ...volatileCharts };
const coverage = new TransitionCoverage();
for (const [name, { machine }] of Object.entries(all)) coverage.watch(name, machine);

/** So many walks of up to seventy steps go everywhere; the seed makes a gap a gap for everybody. */
const runs = { numRuns: 400, seed: 2_026 };
/** A lease has the longest way, and many ends on it. */
const leaseRuns = { ...runs, numRuns: 1_500 };

describe.each(Object.keys(chartSamples))('whatever befalls a row of the chart %s', (chart) => {
  const sample = chartSamples[chart];
  if (sample === undefined) throw new Error(`no sample of ${chart}`);

  test('its invariants hold after every step, and over every crash', async () => {
    const walk = fc.asyncProperty(walkSteps, async (steps) => {
      const row = new ChartWalk(chart, all, sample);
      try {
        for (const step of steps) await row.play(step);
      } finally {
        await row.close();
      }
    });
    await fc.assert(walk, chart === 'lease' ? leaseRuns : runs);
  }, 120_000);

  test('every transition is taken, and every guard lets through and holds back', () => {
    console.info(coverage.line(chart));
    expect(coverage.gaps(chart)).toEqual([]);
  });
});
