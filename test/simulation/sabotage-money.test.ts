import { describe, expect, it } from 'vitest';
import { simulationFaults } from '../../src/cli/simulation-verdict.ts';
import { confirmationFigures } from '../../src/simulation/confirmation-figures.ts';
import type { Simulation } from '../../src/simulation/simulation.ts';
import { simulate } from './simulated-run.ts';

const calm = { epochs: 2, seed: 5, accidents: 0, goesOn: true } as const;
const hourMs = 3_600_000;

/** Calls `act` once, at the first lease that is on its way out. */
function onFirstRelease(act: (simulation: Simulation) => void) {
  let isDone = false;
  return (entry: { chart: string; value: unknown }, simulation: Simulation): void => {
    if (isDone || entry.chart !== 'lease' || !JSON.stringify(entry.value).includes('releasing')) return;
    isDone = true;
    act(simulation);
  };
}

describe('a figure of money leaves its bound when', () => {
  it('the provider refuses a destroy for an hour: that is forced on us, and not spent beyond a cap', async () => {
    const { figures } = await simulate({
      ...calm,
      onStep: onFirstRelease(({ town, clock }) => {
        town.vast.faults.set('destroyFails', 10_000);
        clock.setTimeout(() => town.vast.faults.set('destroyFails', 0), hourMs);
      }),
    });
    expect(figures.providerForcedUsd).toBeGreaterThan(0);
    expect(figures.capOvershootUsd).toBe(0);
    expect(simulationFaults(figures, { isCalm: true }).join()).toMatch(/forced on us by the provider/);
    // Where faults are switched on purpose it is reported, and nobody's fault here.
    expect(simulationFaults(figures)).toEqual([]);
  });

  it('no destroy is sent where machines are kept: one that nobody wants leaks, one that is wanted does not', async () => {
    let isDone = false;
    const kept = {
      ...calm,
      epochs: 1,
      epochLength: 2_400,
      chain: 'v1-confirmation',
      settings: { MAX_DAILY_SPEND: '100' },
    } as const;
    const [sound, leaky] = [
      await simulate(kept),
      await simulate({
        ...kept,
        meet: (neighbours) => ({
          ...neighbours,
          vast: {
            ...neighbours.vast,
            create: (request, signal) =>
              neighbours.vast.create(
                { ...request, onstart: request.onstart.replaceAll('DELETE', 'GET') },
                signal,
              ),
            destroy: async () => 'accepted',
          },
        }),
        onStep: (entry, { life }) => {
          if (isDone || entry.chart !== 'epoch' || !JSON.stringify(entry.value).includes('holding')) return;
          isDone = true;
          for (const lease of life?.daemon.rows.rows({ chart: 'lease' }) ?? [])
            life?.daemon.rows.send(lease.id, { type: 'LEASE.RELEASE_ASKED', reason: 'sabotage' });
        },
      }),
    ];
    expect(sound.figures).toMatchObject({ completed: 1, leakedInstances: 0, leakedUsd: 0 });
    expect(sound.figures.costUsd).toBeGreaterThan(1);
    expect(leaky.figures.leakedInstances).toBeGreaterThan(0);
    expect(leaky.figures.leakedUsd).toBeGreaterThan(1);
    expect(simulationFaults(leaky.figures).join()).toMatch(/instances leaked/);
  });

  it('the end of the hold is not read, and every machine is kept for two hours more', async () => {
    const terms = { ...calm, epochs: 20 };
    const [sound, late] = [
      await simulate(terms),
      await simulate({
        ...terms,
        onStep: (entry, { town, clock }) => {
          if (entry.event.type !== 'HEIGHT.VALIDATION_END' && entry.event.type !== 'HEIGHT.HOLD_END') return;
          town.vast.faults.set('down', 1);
          clock.setTimeout(() => town.vast.faults.set('down', 0), 2 * hourMs);
        },
      }),
    ];
    expect(late.figures.paidOverMinimum).toBeGreaterThan(2 * (sound.figures.paidOverMinimum ?? 0));
    expect(late.figures.paidOverUseful).toBeGreaterThan(2 * (sound.figures.paidOverUseful ?? 0));
    expect(simulationFaults(sound.figures, { isCalm: true, chain: 'v1' })).toEqual([]);
    expect(simulationFaults(late.figures, { isCalm: true, chain: 'v1' }).join()).toMatch(/of the least time/);
  }, 60_000);

  it('two of three PoCs of a machine that is kept are not delivered: paid for, confirmed by nobody, unrewarded', async () => {
    const heights: string[] = [];
    const { figures } = await simulate({
      ...calm,
      epochs: 20,
      epochLength: 2_400,
      chain: 'v1-confirmation',
      settings: { MAX_DAILY_SPEND: '100' },
      meet: (neighbours) => ({
        ...neighbours,
        networkNode: {
          ...neighbours.networkNode,
          deliver: async (callback, signal) => {
            const [, height = ''] = /"block_height": ?(\d+)/.exec(callback.body.toString()) ?? [];
            if (!heights.includes(height)) heights.push(height);
            if (heights.indexOf(height) % 3 === 0) await neighbours.networkNode.deliver(callback, signal);
          },
        },
      }),
    });
    expect(figures.confirmationsMissed).toBeGreaterThan(0);
    expect(figures.epochsUnrewarded).toBeGreaterThan(10);
    expect(figures.paidOverUseful).toBeGreaterThan(1.08);
    const faults = simulationFaults(figures, { isCalm: true, chain: 'v1-confirmation' }).join();
    expect(faults).toMatch(/of 20 epochs unrewarded/);
    expect(faults).toMatch(/of the useful time/);
  }, 60_000);

  it('nine of ten nonce batches are dropped: each thousand nonces costs several times as much', async () => {
    let deliveries = 0;
    const [sound, lossy] = [
      await simulate(calm),
      await simulate({
        ...calm,
        meet: (neighbours) => ({
          ...neighbours,
          networkNode: {
            ...neighbours.networkNode,
            deliver: async (callback, signal) => {
              const isKept = !callback.url.endsWith('/generated') || deliveries++ % 10 === 0;
              if (isKept) await neighbours.networkNode.deliver(callback, signal);
            },
          },
        }),
      }),
    ];
    expect(lossy.figures.noncesAccepted).toBeLessThan(sound.figures.noncesAccepted / 3);
    expect(lossy.figures.costUsdPer1000Nonces).toBeGreaterThan(3 * (sound.figures.costUsdPer1000Nonces ?? 0));
    expect(simulationFaults(lossy.figures).join()).toMatch(/callbacks lost/);
  });
});

describe('a figure of work leaves its bound when', () => {
  it('every callback is delivered twice', async () => {
    const { figures } = await simulate({
      ...calm,
      meet: (neighbours) => ({
        ...neighbours,
        networkNode: {
          ...neighbours.networkNode,
          deliver: async (callback, signal) => {
            await neighbours.networkNode.deliver(callback, signal);
            await neighbours.networkNode.deliver(callback, signal);
          },
        },
      }),
    });
    expect(figures.noncesDuplicate).toBeGreaterThan(0);
    expect(simulationFaults(figures, { isCalm: true }).join()).toMatch(/more than once/);
  });

  it('the Network Node is away to the end of every window: undeliverable, and not lost', async () => {
    const { figures } = await simulate({
      ...calm,
      onStep: (entry, { town, clock }) => {
        if (JSON.stringify(entry.value) !== '"validating"' || entry.chart !== 'epoch') return;
        town.networkNode.faults.set('callback503', 1);
        clock.setTimeout(() => town.networkNode.faults.set('callback503', 0), hourMs);
      },
    });
    expect(figures.callbacksUndeliverable).toBeGreaterThan(0);
    expect(figures.callbacksLost).toBe(0);
    expect(figures).toMatchObject({ completed: 0, missed: 2, epochsUnrewarded: 2 });
    expect(simulationFaults(figures, { isCalm: true }).join()).toMatch(/could not be delivered/);
    expect(simulationFaults(figures)).toEqual([]);
  });
});

describe('an epoch', () => {
  const epoch = (pocStartHeight: number, verdict: 'completed' | 'missed') =>
    ({ pocStartHeight, verdict }) as Parameters<typeof confirmationFigures>[1][number];
  const figures = (confirmations: Parameters<typeof confirmationFigures>[0]['confirmations'] = []) =>
    confirmationFigures({ confirmations } as Parameters<typeof confirmationFigures>[0], [
      epoch(1_000, 'completed'),
      epoch(2_000, 'completed'),
      epoch(3_000, 'missed'),
    ]);

  it('is unrewarded when it was missed, or when less than half of its weight was confirmed, once', () => {
    expect(figures()).toEqual({ epochsUnrewarded: 1, confirmationsMissed: 0 });
    expect(
      figures([
        { pocStartHeight: 1_000, isDue: true, ratio: 0.49 },
        { pocStartHeight: 1_000, isDue: true, ratio: 0 },
        { pocStartHeight: 2_000, isDue: true, ratio: 0.5 },
      ]),
    ).toEqual({ epochsUnrewarded: 2, confirmationsMissed: 1 });
  });

  it('is not harmed by a confirmation that its node was spared, nor by one that still runs', () => {
    const spared = [
      { pocStartHeight: 1_000, isDue: false, ratio: 0 },
      { pocStartHeight: 2_000, isDue: true, ratio: null },
    ];
    expect(figures(spared)).toEqual({ epochsUnrewarded: 1, confirmationsMissed: 0 });
  });
});
