import { describe, expect, it } from 'vitest';
import type { Instance } from '../../src/adapters/vast/interface.ts';
import { HybridError } from '../../src/errors.ts';
import { simulationFaults } from '../../src/cli/simulation-verdict.ts';
import type { Invariant } from '../../src/simulation/audit/violation.ts';
import type { SimulationReport } from '../../src/simulation/simulation.ts';
import { microUsd } from '../../src/units.ts';
import type { Neighbours } from '../../src/wiring/neighbours.ts';
import { simulate } from './simulated-run.ts';

const calm = { epochs: 2, seed: 5, accidents: 0, goesOn: true } as const;

const broken = ({ violations }: SimulationReport): Set<Invariant> =>
  new Set(violations.map(({ invariant }) => invariant));

/** Every figure of a sabotaged run that left its bound ends the command with another exit code than 0. */
function expectNoticed(report: SimulationReport, ...words: readonly RegExp[]): void {
  const faults = simulationFaults(report.figures).join('\n');
  for (const word of words) expect(faults).toMatch(word);
}

/** What no sabotage is there for. */
it('finds nothing wrong with a daemon that nobody sabotages', async () => {
  expect(simulationFaults((await simulate(calm)).figures)).toEqual([]);
});

describe('a figure leaves its bound when', () => {
  it('the relay drops one delivery of ten', async () => {
    let deliveries = 0;
    const report = await simulate({
      ...calm,
      meet: (neighbours) => ({
        ...neighbours,
        networkNode: {
          ...neighbours.networkNode,
          deliver: async (callback, signal) => {
            deliveries += 1;
            if (deliveries % 10 !== 3) await neighbours.networkNode.deliver(callback, signal);
          },
        },
      }),
    });
    expect(report.figures.callbacksLost).toBeGreaterThan(0);
    expect(broken(report)).toContain('I9');
    expectNoticed(report, /callbacks lost/);
  });

  // Machines that are never gone are looked at to the end of the run.
  it('no destroy is sent, and no machine knows how to end itself', { timeout: 90_000 }, async () => {
    const report = await simulate({
      ...calm,
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
    });
    expect(report.figures.leakedInstances).toBeGreaterThan(0);
    expectNoticed(report, /instances leaked/);
  });

  it('a lost create is never looked up', async () => {
    const report = await simulate({ ...calm, meet: withoutLookUp(3) });
    expect(report.figures.duplicateCreates).toBeGreaterThan(0);
    expect(report.figures.leakedSecondsMax).toBeGreaterThan(0);
    expect(broken(report)).toContain('I4');
    expectNoticed(report, /rented twice/);
  });

  it('a machine that nobody answers for is in no list for an hour', async () => {
    const report = await simulate({ ...calm, meet: withoutLookUp(120) });
    expect(report.figures.leakedSecondsMax).toBeGreaterThan(900);
    expectNoticed(report, /a machine was unknown for/);
  });

  it('a machine is released before its hold height', async () => {
    const report = await simulate({
      ...calm,
      onStep: (entry, { life }) => {
        if (entry.chart !== 'epoch' || entry.value !== 'validating') return;
        for (const lease of life?.daemon.rows.rows({ chart: 'lease' }) ?? [])
          life?.daemon.rows.send(lease.id, { type: 'LEASE.RELEASE_ASKED', reason: 'sabotage' });
      },
    });
    expect(report.figures.earlyReleases).toBeGreaterThan(0);
    expect(report.figures.missed).toBe(2);
    expect(broken(report)).toContain('I6');
    expectNoticed(report, /released before their time/);
  });

  it('the cap of a day is not read', async () => {
    const report = await simulate({
      ...calm,
      settings: { MAX_DAILY_SPEND: '50' },
      dailyCap: microUsd(100_000),
    });
    expect(report.figures.capOvershootUsd).toBeGreaterThan(0);
    expect(broken(report)).toContain('I5');
    expectNoticed(report, /beyond the cap/);
  });
});

describe('an invariant is seen to break when', () => {
  it('work is acknowledged that no machine took (I8)', async () => {
    const report = await simulate({
      ...calm,
      meet: (neighbours) => ({
        ...neighbours,
        mlnode: (transport) => ({
          ...neighbours.mlnode(transport),
          pow: async () => ({ status: 200, body: '{}' }),
        }),
      }),
    });
    expect(broken(report)).toContain('I8');
    expect(report.figures.missed).toBe(2);
    expectNoticed(report, /invariants broken/);
  });

  it('a machine is rented under a label that no lease has (I1)', async () => {
    const report = await simulate({
      ...calm,
      meet: (neighbours) => ({
        ...neighbours,
        vast: {
          ...neighbours.vast,
          create: (request, signal) =>
            neighbours.vast.create({ ...request, label: 'ghm:simulated:01NOBODY:1' }, signal),
        },
      }),
    });
    expect(broken(report)).toContain('I1');
  });

  it('a lease is gone although its machine is not (I2)', async () => {
    const report = await simulate({
      ...calm,
      meet: (neighbours) => {
        const destroyed = new Set<number>();
        return {
          ...neighbours,
          vast: {
            ...neighbours.vast,
            destroy: async (instanceId) => {
              destroyed.add(instanceId);
              return 'accepted';
            },
            list: async (signal) => {
              const list = await neighbours.vast.list(signal);
              return {
                ...list,
                instances: list.instances.filter(({ instanceId }) => !destroyed.has(instanceId)),
              };
            },
            show: async (instanceId, signal) =>
              destroyed.has(instanceId) ? null : neighbours.vast.show(instanceId, signal),
          },
        };
      },
    });
    expect(broken(report)).toContain('I2');
  });
});

/** The answer to the first create is lost, and so many of the next lists do not show what it rented. */
const withoutLookUp =
  (hiddenLists: number) =>
  (neighbours: Neighbours): Neighbours => {
    const lost = new Map<string, number>();
    let lists = 0;
    const isHidden = ({ label }: Instance): boolean => lists <= (lost.get(label ?? '') ?? 0);
    const answerLost = (): HybridError =>
      new HybridError({ code: 'VAST_CREATE_UNKNOWN', message: 'the answer was lost' });
    return {
      ...neighbours,
      vast: {
        ...neighbours.vast,
        create: async (request, signal) => {
          const created = await neighbours.vast.create(request, signal);
          if (lost.size > 0) return created;
          lost.set(request.label, lists + hiddenLists);
          throw answerLost();
        },
        list: async (signal) => {
          const list = await neighbours.vast.list(signal);
          lists += 1;
          return { ...list, instances: list.instances.filter((instance) => !isHidden(instance)) };
        },
      },
    };
  };
