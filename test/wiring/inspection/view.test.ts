import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSimulatedChain } from '../../../src/adapters/chain/simulated.ts';
import { openSqliteStore, type SqliteStore } from '../../../src/runtime/sqlite-store.ts';
import { gatewayLimits } from '../../../src/server/gateway.ts';
import { newInferenceCounters } from '../../../src/server/inference/counters.ts';
import { createDaemon, type Daemon } from '../../../src/wiring/daemon.ts';
import { createInspectionView } from '../../../src/wiring/inspection/view.ts';
import type { Neighbours } from '../../../src/wiring/neighbours.ts';
import type { UpstreamWatch } from '../../../src/wiring/gateway/upstream-watch.ts';
import { ChainWorld } from '../../../src/world/chain/chain-world.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { configWith } from '../settings.ts';
import { silent } from '../small-town.ts';

const start = 2_089_000;
const pocStart = start + 1_000;

describe('what inspection shows of a daemon', () => {
  const clock = new VirtualClock(1_800_000_000_000);
  let world: ChainWorld;
  let store: SqliteStore;
  let daemon: Daemon;
  let view: ReturnType<typeof createInspectionView>;

  beforeEach(() => {
    world = new ChainWorld({
      clock,
      seed: 1,
      startHeight: start,
      firstPocStartHeight: pocStart,
      params: { epochLength: 3_000 },
    });
    const config = configWith({
      RENTAL_POLICY: 'sprint',
      REGISTRATION: 'off',
      POC_PREP_TIME: '1070',
      MAX_DAILY_SPEND: '3',
    });
    store = openSqliteStore(':memory:');
    const never = (...args: unknown[]): Promise<never> =>
      new Promise((_, reject) => (args.at(-1) as AbortSignal).addEventListener('abort', reject));
    daemon = createDaemon({
      config,
      deploymentId: 'd',
      store,
      clock,
      // Only the chain speaks; whoever else is asked keeps silent.
      neighbours: {
        chain: createSimulatedChain({ world, clock, now: clock.now }),
        vast: { ensureSshKey: never, search: never, list: never },
        ssh: { publicKey: () => 'ssh-ed25519 AAAA' },
        networkNode: { nodes: never, governanceModels: never },
      } as unknown as Neighbours,
      log: silent,
      isInferenceHealthy: () => true,
    });
    const upstream = { view: () => ({ isModelServed: true }) } as unknown as UpstreamWatch;
    const usage = { view: () => ({ spentTodayMicroUsd: 7 }) };
    const limits = gatewayLimits({ maxConcurrent: 4 });
    const counters = newInferenceCounters();
    const traffic = { view: () => [] };
    view = createInspectionView({ config, daemon, store, clock, counters, upstream, usage, limits, traffic });
  });
  afterEach(async () => {
    world.close();
    await daemon.stop();
    store.close();
  });

  const toHeight = async (height: number): Promise<void> => {
    while (world.height < height) await clock.advanceBy(5_350);
  };

  it('knows no chain and no plan before the first head', () => {
    daemon.start();
    expect(view.extra()).toMatchObject({
      chain: null,
      plan: null,
      service: { state: 'INFERENCE', pow: null },
    });
  });

  it('lists the steps that lie ahead, in order, with height, blocks left and about when', async () => {
    daemon.start();
    await toHeight(start + 10);
    const { chain, plan } = view.extra();
    const height = Number(chain?.['height']);
    expect(chain).toMatchObject({ standing: 'following', phase: 'Inference', latestEpochIndex: 135 });
    expect(plan?.['nextPocEpoch']).toBe(136);
    const steps = plan?.['steps'] as { what: string; height: number; blocksLeft: number; aboutAt: number }[];
    const launches = steps.filter(({ what }) => what === 'one more is rented if none is ready');
    expect(launches.every(({ height: at }) => at > pocStart - 200 && at < pocStart + 60)).toBe(true);
    const planned = steps.filter((step) => !launches.includes(step));
    expect(planned.map(({ what, height: at }) => [what, at - pocStart])).toEqual([
      ['heads are followed block by block', -313],
      ['a machine is rented', -200],
      ['PoC starts', 0],
      ['generation ends', 60],
      ['validation ends', 185],
      ['the machine is released', 185],
    ]);
    for (const step of steps) {
      expect(step.blocksLeft).toBe(step.height - height);
      expect(step.aboutAt).toBeCloseTo(Number(chain?.['seenAt']) + step.blocksLeft * 5_350, -3);
    }
    await toHeight(pocStart - 100);
    const ahead = (view.extra().plan!['steps'] as typeof steps).filter(
      ({ what }) => !what.startsWith('one more'),
    );
    expect(ahead[0]?.what).toBe('PoC starts');
  });

  it('shows every row of both runtimes, and the money by its caps', async () => {
    daemon.start();
    await toHeight(start + 10);
    expect(view.runtime.rows().map(({ id }) => id)).toEqual(
      expect.arrayContaining(['chainClock', 'service', 'epoch:136']),
    );
    expect(view.extra().money).toEqual({
      spentAndReservedTodayMicroUsd: 0,
      dailyCapMicroUsd: 3_000_000,
      priceCapPerHourMicroUsd: 1_000_000,
      inference: { spentTodayMicroUsd: 7 },
    });
    expect(view.extra().upstream['limits']).toMatchObject({ running: 0, maxConcurrent: 4 });
    expect(view.extra().relay).toEqual({ queued: 0, delivered: 0, refused: 0, expired: 0, foreign: 0 });
  });

  it('draws a row with its active states marked, and nothing for a row that is not there', async () => {
    daemon.start();
    await toHeight(start + 10);
    const idle = view.diagram('epoch:136');
    expect(idle).toMatch(/^stateDiagram-v2\n/);
    expect(idle).toMatch(/^ {2}class idle active$/m);
    expect(view.diagram('chainClock')).toMatch(/class standing__following active/);
    expect(view.diagram('epoch:1')).toBeUndefined();
    await toHeight(pocStart - 190);
    const renting = view.diagram('epoch:136');
    expect(renting?.match(/^ {2}class \w+ active$/gm)).toEqual([
      '  class renting active',
      '  class renting__choosing active',
    ]);
  });

  it('shows the alerts of the chain clock beside those of the store', async () => {
    world.faults.set('unreachable', 1);
    daemon.start();
    await clock.advanceBy(700_000);
    expect(view.runtime.alerts()).toMatchObject([{ key: 'chain', code: 'CHAIN_UNREACHABLE' }]);
  });
});
