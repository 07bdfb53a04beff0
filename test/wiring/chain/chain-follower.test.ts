import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createSimulatedChain } from '../../../src/adapters/chain/simulated.ts';
import { epochMachine } from '../../../src/machines/epoch.ts';
import type { EpochContext } from '../../../src/machines/epoch-context.ts';
import { createRuntime } from '../../../src/runtime/durable-runtime.ts';
import type { Effect, Runtime } from '../../../src/runtime/interface.ts';
import { openSqliteStore } from '../../../src/runtime/sqlite-store.ts';
import {
  chainClockInput,
  type ChainFollower,
  createChainClockEffects,
  createChainFollower,
} from '../../../src/wiring/chain/chain-follower.ts';
import { volatileCharts } from '../../../src/wiring/daemon.ts';
import { chainClockRow } from '../../../src/wiring/row-names.ts';
import { ChainWorld } from '../../../src/world/chain/chain-world.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { createPlanner } from '../../../src/wiring/renting/planner.ts';
import { configWith } from '../settings.ts';

const start = 2_089_000;
const pocStart = start + 1_500;
const minuteMs = 60_000;

const nothingKept: Effect = () => Promise.resolve({ from: null, leases: [] });

/** A chain that is slower than the prior says, and the follower over it, under a virtual clock. */
class Follow {
  readonly clock = new VirtualClock(1_800_000_000_000);
  readonly world = new ChainWorld({
    clock: this.clock,
    seed: 1,
    blockTimeMs: 8_000,
    startHeight: start,
    firstPocStartHeight: pocStart,
    params: { epochLength: 3_000 },
  });
  /** What is known of the network; tests change it. */
  readonly knowledge = {
    isSettled: true,
    confirmation: { expectedPerEpoch: 0, adminExpectedPerEpoch: null, wasEventSeen: false },
    node: { isDisabled: false, isPreserved: false },
  };
  readonly rows: Runtime;
  readonly follower: ChainFollower;

  constructor(settings: Readonly<Record<string, string>> = {}, isReachable = true) {
    this.world.faults.set('unreachable', isReachable ? 0 : 1);
    const config = configWith({ RENTAL_POLICY: 'sprint', POC_PREP_TIME: '2400', ...settings });
    const never: Effect = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', reject));
    const runtime = (charts: Parameters<typeof createRuntime>[0]['charts'], effects: object): Runtime => {
      const store = openSqliteStore(':memory:');
      const report = { parked: () => expect.fail('a row was parked'), late: () => {} };
      const made = createRuntime({ store, clock: this.clock, charts, effects: effects as never, report });
      made.start();
      return made;
    };
    this.rows = runtime(
      { epoch: { machine: epochMachine, version: 2, moneyActors: [] } },
      { epoch: { findKeptCrew: nothingKept, chooseOffer: never, countWork: never } },
    );
    const chain = createSimulatedChain({ world: this.world, clock: this.clock, now: this.clock.now });
    const clockRows = runtime(volatileCharts, { chainClock: createChainClockEffects(chain), tunnel: {} });
    const planner = createPlanner({
      config,
      clock: this.clock,
      memory: { version: 1, all: [], boots: () => [] },
      knowledge: this.knowledge,
      pocVersion: () => 'v1',
    });
    const planning = { planner, knowledge: { onHead: () => undefined } };
    this.follower = createChainFollower({ config, rows: this.rows, clockRows, planning });
    clockRows.open('chainClock', chainClockRow, chainClockInput(config));
    onTestFinished(async () => {
      this.follower.stop();
      this.world.close();
      await Promise.all([this.rows.stop(), clockRows.stop()]);
    });
  }

  get asked(): number {
    return Number(this.world.books()['requests']);
  }
  epochs(): readonly { index: number; value: unknown }[] {
    return this.rows
      .rows({ chart: 'epoch', all: true })
      .map((row) => ({ index: (row.context as EpochContext).plan.epochIndex, value: row.value }))
      .toSorted((a, b) => a.index - b.index);
  }
  plan(index: number): EpochContext['plan'] {
    return (this.rows.row(`epoch:${index}`)!.context as EpochContext).plan;
  }
  replans(): number {
    return this.rows.journalSince(0, 1_000).filter(({ event }) => event.type === 'PLAN.CHANGED').length;
  }
  async toHeight(height: number): Promise<void> {
    while (this.world.height < height) await this.clock.advanceBy(8_000);
  }
}

describe('the follower of the chain', () => {
  let follow: Follow;
  beforeEach(() => {
    follow = new Follow();
  });

  it('plans the next PoC and no other as soon as it has a head', async () => {
    await follow.clock.advanceBy(minuteMs);
    expect(follow.epochs()).toEqual([{ index: 136, value: 'idle' }]);
    expect(follow.plan(136)).toMatchObject({ pocStartHeight: pocStart, mode: 'sprint' });
  });

  it('lets others wait for the first head, or give the wait up', async () => {
    const unreachable = new Follow({}, false);
    const abort = new AbortController();
    const given = unreachable.follower.whenFollowing(abort.signal);
    const kept = unreachable.follower.whenFollowing(new AbortController().signal);
    await unreachable.clock.advanceBy(minuteMs);
    expect([unreachable.follower.head(), unreachable.epochs()]).toEqual([undefined, []]);
    abort.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    unreachable.world.faults.set('unreachable', 0);
    await unreachable.clock.advanceBy(minuteMs);
    const head = await kept;
    expect(head.height).toBeGreaterThan(start);
    expect(await unreachable.follower.whenFollowing(abort.signal)).toEqual(unreachable.follower.head());
  });

  it('asks at the check interval while PoC is far, and block by block once it approaches', async () => {
    await follow.clock.advanceBy(minuteMs);
    const before = follow.asked;
    await follow.clock.advanceBy(60 * minuteMs);
    // Every five minutes.
    expect(follow.asked - before).toBeGreaterThanOrEqual(11);
    expect(follow.asked - before).toBeLessThanOrEqual(13);
    await follow.toHeight(follow.plan(136).approachHeight + 50);
    expect(follow.epochs()).toEqual([{ index: 136, value: 'approaching' }]);
    const near = follow.asked;
    await follow.clock.advanceBy(10 * minuteMs);
    expect(follow.asked - near).toBeGreaterThanOrEqual(65);
    expect(follow.asked - near).toBeLessThanOrEqual(85);
  });

  it('plans anew while idle, when the blocks turn out to be slower, and leaves the plan alone once it rents', async () => {
    await follow.clock.advanceBy(minuteMs);
    // 2400 s of lead at the prior of 5.35 s a block.
    expect(follow.plan(136).rentHeight).toBe(pocStart - 449);
    await follow.clock.advanceBy(60 * minuteMs);
    expect(follow.follower.blockTimeMs()).toBeCloseTo(8_000, -2);
    expect(follow.plan(136).rentHeight).toBeGreaterThanOrEqual(pocStart - 305);
    expect(follow.replans()).toBeGreaterThan(0);

    await follow.toHeight(follow.plan(136).rentHeight + 3);
    expect(follow.epochs()).toEqual([{ index: 136, value: { renting: 'choosing' } }]);
    const { replans, plan } = { replans: follow.replans(), plan: follow.plan(136) };
    await follow.toHeight(pocStart - 5);
    expect(follow.replans()).toBe(replans);
    expect(follow.plan(136)).toEqual(plan);
  });

  it('rents at the very block that the plan names', async () => {
    const rented: number[] = [];
    follow.rows.onStep(({ event }) => {
      if (event.type === 'HEIGHT.RENT') rented.push(Number(event['height']));
    });
    await follow.toHeight(pocStart - 10);
    expect(rented).toHaveLength(1);
    expect(rented[0]! - follow.plan(136).rentHeight).toBeLessThanOrEqual(1);
  });

  it('plans the PoC after it once PoC has begun', async () => {
    await follow.toHeight(pocStart - 2);
    expect(follow.epochs().map(({ index }) => index)).toEqual([136]);
    await follow.toHeight(pocStart + 5);
    expect(follow.epochs().map(({ index }) => index)).toEqual([136, 137]);
    expect(follow.plan(137).pocStartHeight).toBe(pocStart + 3_000);
  });

  it('does nothing more once it is stopped', async () => {
    await follow.clock.advanceBy(minuteMs);
    follow.follower.stop();
    await follow.toHeight(pocStart + 5);
    expect(follow.epochs()).toEqual([{ index: 136, value: 'idle' }]);
  });
});

it('prepares no PoC when the policy is off, and never follows block by block', async () => {
  const follow = new Follow({ RENTAL_POLICY: 'off' });
  await follow.clock.advanceBy(minuteMs);
  expect([follow.follower.head() === undefined, follow.epochs()]).toEqual([false, []]);
  const before = follow.asked;
  await follow.toHeight(pocStart + 100);
  // Fourteen thousand seconds, one look in three hundred.
  expect(follow.asked - before).toBeLessThanOrEqual(50);
});

it.each([
  ['auto', 'sprint'],
  ['epoch', 'epoch'],
])('under the policy %s keeps machines as %s does', async (policy, mode) => {
  const follow = new Follow({ RENTAL_POLICY: policy });
  await follow.clock.advanceBy(minuteMs);
  expect(follow.plan(136).mode).toBe(mode);
});
