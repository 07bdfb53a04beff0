import { afterEach, describe, expect, it, vi } from 'vitest';
import { simulationFaults } from '../../src/cli/simulation-verdict.ts';
import type { NonceClass } from '../../src/policy/nonce-partition.ts';
import { simulate } from './simulated-run.ts';

/** False: every machine gets the whole class, and all of them find the same nonces. */
const partition = vi.hoisted(() => ({ isKept: true }));

vi.mock('../../src/policy/nonce-partition.ts', async (original) => {
  const own = await original<typeof import('../../src/policy/nonce-partition.ts')>();
  return {
    ...own,
    shareNonces: (whole: NonceClass, machines: number, round: number) =>
      partition.isKept
        ? own.shareNonces(whole, machines, round)
        : Array.from({ length: machines }, () => whole),
  };
});

afterEach(() => {
  partition.isKept = true;
});

const fleet = { epochs: 3, seed: 5, settings: { GPU_FLEET_WIDTH: '3', MAX_DAILY_SPEND: '20' } } as const;

describe('a fleet of three in a simulation', () => {
  it('completes every epoch with each nonce once, although machines fail', { timeout: 60_000 }, async () => {
    const machines = new Map<number, number>();
    const { figures, violations } = await simulate({
      ...fleet,
      epochs: 10,
      hostFailure: 0.2,
      onEpoch: (_done, { auditor }) => {
        for (const [pocStartHeight, count] of auditor.pocs.serving) machines.set(pocStartHeight, count);
      },
    });
    expect(violations).toEqual([]);
    expect(figures).toMatchObject({ completed: 10, missed: 0, noncesDuplicate: 0, leakedInstances: 0 });
    // One that comes late costs its share.
    expect([...machines.values()].filter((count) => count === 3).length).toBeGreaterThanOrEqual(9);
    expect(Math.min(...machines.values())).toBeGreaterThanOrEqual(2);
    expect(figures.usefulSeconds).toBeGreaterThan(9.5 * 3 * 900);
    expect(simulationFaults(figures, { isCalm: true })).toEqual([]);
  });

  it('keeps every invariant when the daemon dies again and again', { timeout: 60_000 }, async () => {
    const { figures, violations } = await simulate({ ...fleet, epochs: 6, crashRate: 0.03 });
    expect(violations).toEqual([]);
    expect(figures).toMatchObject({ leakedInstances: 0, callbacksLost: 0 });
    // A Network Node gives a batch up within a second: who is away just then misses the PoC, whatever it has rented.
    expect(figures.completed).toBeGreaterThan(3);
    expect(figures.crashes).toBeGreaterThan(5);
  });

  it('is seen to overlap when it does', { timeout: 60_000 }, async () => {
    partition.isKept = false;
    const { figures, violations } = await simulate({ ...fleet, goesOn: true });
    expect(violations.map(({ invariant }) => invariant)).toContain('I10');
    // The daemon believes itself right: what it was rented for is done.
    expect(figures).toMatchObject({ completed: 3, missed: 0 });
    expect(figures.noncesDuplicate).toBeGreaterThan(0);
    expect(simulationFaults(figures, { isCalm: true }).join('\n')).toMatch(/nonces arrived more than once/);
  });
});
