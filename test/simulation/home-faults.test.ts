import { describe, expect, it } from 'vitest';
import { simulationFaults } from '../../src/cli/simulation-verdict.ts';
import { faultsNamed } from '../../src/simulation/fault-catalogue.ts';
import type { Simulation } from '../../src/simulation/simulation.ts';
import { simulate } from './simulated-run.ts';

/** One machine an epoch, so that one more is one too many. */
const calm = { epochs: 2, seed: 5, accidents: 0, settings: { POC_HEDGES: '0' } } as const;
const minuteMs = 60_000;

/** Calls `act` at each entry of an epoch row into a state. */
const inEpochState =
  (state: string, act: (simulation: Simulation) => void) =>
  (entry: { chart: string; value: unknown }, simulation: Simulation): void => {
    if (entry.chart === 'epoch' && JSON.stringify(entry.value).includes(state)) act(simulation);
  };

describe('a disk that is full', () => {
  it('from validation on keeps no machine: it is destroyed from memory when its time is over', async () => {
    const destroyedAt: number[] = [];
    const validatedAt: number[] = [];
    let now = (): number => 0;
    const { figures, violations } = await simulate({
      ...calm,
      epochs: 1,
      onStep: inEpochState('validating', ({ home, clock, town }) => {
        home.set('diskFull', 1);
        const { poc_validation_end: end } = town.chain.stagesAt(town.chain.height);
        validatedAt.push(town.chain.timeOf(end));
        now = () => clock.now();
        clock.setTimeout(() => home.set('diskFull', 0), 180 * minuteMs);
      }),
      onLog: ({ event }) => event === 'store.destroyed_from_memory' && destroyedAt.push(now()),
    });
    expect(violations).toEqual([]);
    expect(validatedAt).toHaveLength(1);
    expect(figures).toMatchObject({ instances: 1, leakedInstances: 0, callbacksLost: 0 });
    // Three hours without a commit cost the machine a few minutes, not three hours.
    const [validated = 0] = validatedAt;
    const [destroyed = Infinity] = destroyedAt;
    expect(destroyed - validated).toBeLessThan(5 * minuteMs);
  });

  it('before the rental rents nothing, and rents as soon as there is room again', async () => {
    let rentedWhileFull = 0;
    let isFull = false;
    const { figures, violations } = await simulate({
      ...calm,
      epochs: 1,
      onStep: inEpochState('approaching', ({ home, clock }) => {
        home.set('diskFull', 1);
        isFull = true;
        clock.setTimeout(() => {
          isFull = false;
          home.set('diskFull', 0);
        }, 10 * minuteMs);
      }),
      meet: (neighbours) => ({
        ...neighbours,
        vast: {
          ...neighbours.vast,
          create: (request, signal) => {
            if (isFull) rentedWhileFull += 1;
            return neighbours.vast.create(request, signal);
          },
        },
      }),
    });
    expect(violations).toEqual([]);
    expect(rentedWhileFull).toBe(0);
    expect(figures).toMatchObject({ completed: 1, instances: 1, leakedInstances: 0 });
  });
});

describe('a wall clock that was set while the computer was down', () => {
  it.each([
    ['forward by 40 minutes', 'clockSteps', 40 * minuteMs],
    ['back by an hour and a half', 'clockStepsBack', 90 * minuteMs],
  ])('%s, while PoC runs, costs neither the PoC nor the machine', async (_, fault, ms) => {
    let steps = 0;
    const { figures, violations } = await simulate({
      ...calm,
      epochs: 1,
      onStep: inEpochState('generating', ({ home, clock }) => {
        if (steps++ === 0) clock.setTimeout(() => home.set(fault, ms), minuteMs);
      }),
    });
    expect(violations).toEqual([]);
    expect(figures).toMatchObject({ completed: 1, instances: 1, earlyReleases: 0, crashes: 1 });
  });
});

describe('at home', () => {
  it.each(['home.storeBusy', 'home.flapsInCallback', 'home.diskFull', 'home.clockSteps,home.clockStepsBack'])(
    '%s harms nothing that is promised',
    async (names) => {
      const report = await simulate({ epochs: 12, seed: 9, faults: faultsNamed(names) });
      expect(report.violations).toEqual([]);
      expect(simulationFaults(report.figures)).toEqual([]);
      expect(report.figures.completed).toBeGreaterThan(6);
    },
  );
});
