import { describe, expect, it } from 'vitest';
import { faultsNamed } from '../../src/simulation/fault-catalogue.ts';
import { simulate } from './simulated-run.ts';

describe('a simulation', { timeout: 60_000 }, () => {
  it('does the same twice with one seed, and something else with another', async () => {
    const terms = { epochs: 5, seed: 11, crashRate: 0.02, faults: faultsNamed('all') };
    const [one, again, other] = [
      await simulate(terms),
      await simulate(terms),
      await simulate({ ...terms, seed: 12 }),
    ];
    const { speedup: _, ...figures } = one.figures;
    const { speedup: __, ...figuresAgain } = again.figures;
    expect(figuresAgain).toEqual(figures);
    expect(again.journalHash).toBe(one.journalHash);
    expect(other.journalHash).not.toBe(one.journalHash);
  });

  it('completes every epoch where nothing goes wrong, on one machine each where none is rented for safety', async () => {
    const terms = { epochs: 20, seed: 1, accidents: 0 };
    const { figures, violations } = await simulate({ ...terms, settings: { POC_HEDGES: '0' } });
    expect(violations).toEqual([]);
    expect(figures).toMatchObject({ completed: 20, missed: 0, instances: 20, leakedInstances: 0 });
    expect(figures.paidOverMinimum).toBeLessThan(4);
  });

  it('rents no more for safety than it may, and completes every epoch with that too', async () => {
    const hedges = 2;
    const terms = { epochs: 20, seed: 1, accidents: 0, settings: { POC_HEDGES: `${hedges}` } };
    const { figures, violations } = await simulate(terms);
    expect(violations).toEqual([]);
    expect(figures).toMatchObject({ completed: 20, missed: 0, leakedInstances: 0 });
    expect(figures.instances).toBeGreaterThanOrEqual(20);
    expect(figures.instances).toBeLessThanOrEqual(20 * (1 + hedges));
  });

  it.each([
    [1, 0],
    [2, 0],
    [3, 0.02],
    [4, 0.05],
  ])('keeps every invariant over 20 epochs (seed %d, crash rate %f)', async (seed, crashRate) => {
    const { figures, violations } = await simulate({ epochs: 20, seed, crashRate });
    expect(violations).toEqual([]);
    expect(figures).toMatchObject({
      leakedInstances: 0,
      duplicateCreates: 0,
      callbacksLost: 0,
      earlyReleases: 0,
      capOvershootUsd: 0,
    });
    expect(figures.completed + figures.missed).toBe(20);
    expect(figures.completed).toBeGreaterThanOrEqual(12);
    expect(figures.crashes > 0).toBe(crashRate > 0);
  });

  it('has as many unusable machines as it is told', async () => {
    const { figures } = await simulate({ epochs: 20, seed: 7, hostFailure: 0.5 });
    expect(figures.instances).toBeGreaterThan(26);
    expect(figures.leakedInstances).toBe(0);
  });

  it('goes the same way when it plays every block and every look', async () => {
    // Early enough for any boot: the two draw the same luck in another order.
    const settings = { POC_HEDGES: '0', POC_PREP_TIME: '3600' };
    const terms = { epochs: 2, seed: 21, epochLength: 2_400, accidents: 0, settings };
    const [fast, slow] = [await simulate(terms), await simulate({ ...terms, isUnhurried: true })];
    expect(slow.violations).toEqual([]);
    expect(slow.figures).toMatchObject({ completed: 2, missed: 0, instances: 2 });
    expect(fast.figures).toMatchObject({ completed: 2, missed: 0, instances: 2 });
    expect(fast.figures.usefulSeconds).toBe(slow.figures.usefulSeconds);
    // A look more or less between a machine that is ready and its booking: some seconds.
    expect(Math.abs(fast.figures.paidSeconds - slow.figures.paidSeconds)).toBeLessThan(60);
  });
});
