import { describe, expect, it } from 'vitest';
import type { Offer, OfferNeeds, Vast } from '../../../src/adapters/vast/interface.ts';
import type { ChosenLease } from '../../../src/machines/epoch-context.ts';
import type { LeaseInput } from '../../../src/machines/lease-context.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { blockHeight, microUsd, microUsdPerHourOfDollars } from '../../../src/units.ts';
import { createOfferChoice } from '../../../src/wiring/renting/offer-choice.ts';
import { createPlanner } from '../../../src/wiring/renting/planner.ts';
import { blockTimeMs, head, offer, startAt } from '../../knobs/quiet-daemon.ts';
import { configWith } from '../settings.ts';

const settings = {
  RENTAL_POLICY: 'sprint',
  POC_PREP_TIME: '3600',
  VASTAI_GPU_TYPE: 'RTX_4090',
  VASTAI_MIN_RELIABILITY: '0.97',
  VASTAI_MIN_INET_DOWN: '800',
};

interface Change {
  readonly isReplacement?: boolean;
  readonly crew?: readonly number[];
  readonly failed?: readonly number[];
  readonly crewSize?: number;
}

/** A market in which some offers can be had by wide enough needs only, and a daemon that looks for one there. */
function market(offers: readonly Offer[], wishes: Readonly<Record<string, string>> = {}) {
  const clock = new VirtualClock(startAt);
  const config = configWith({ ...settings, ...wishes });
  const searched: OfferNeeds[] = [];
  const planner = createPlanner({
    config,
    clock,
    memory: { version: 1, all: [], boots: () => [] },
    knowledge: {
      isSettled: true,
      confirmation: { expectedPerEpoch: 0, adminExpectedPerEpoch: null, wasEventSeen: false },
      node: { isDisabled: false, isPreserved: false },
    },
    pocVersion: () => 'v1',
  });
  const plan = planner.plan(head, blockTimeMs);
  if (plan === undefined) throw new Error('there is no plan');
  const memory = { nonces: () => [], distrusts: () => [] };
  let [height, left] = [plan.rentHeight, microUsd(50_000_000)];
  const choose = createOfferChoice({
    config,
    deploymentId: 'test',
    clock,
    vast: {
      ensureSshKey: () => Promise.resolve(),
      search: (needs: OfferNeeds) => {
        searched.push(needs);
        return Promise.resolve(offers.filter((one) => isMet(one, needs)));
      },
    } as unknown as Vast,
    ssh: { publicKey: () => '', connect: () => Promise.reject(new Error('nobody is there')) },
    planning: () => ({ planner, memory: memory as never, budgetLeft: () => left }),
    height: () => Promise.resolve(height),
    mayRent: () => Promise.resolve(),
    random: () => 0.5,
  });
  const chosen = (change: Change = {}): Promise<ChosenLease> =>
    choose(
      {
        plan,
        owner: 'epoch:137',
        crewMachineIds: change.crew ?? [],
        failedMachineIds: change.failed ?? [],
        failures: 0,
        crewSize: change.crewSize ?? 0,
        stage: 1,
        isReplacement: change.isReplacement ?? false,
      },
      new AbortController().signal,
    );
  const taken = (change: Change = {}): Promise<unknown> =>
    chosen(change).then(
      ({ machineId }) => machineId,
      (error: { code?: string }) => error.code,
    );
  return {
    searched,
    taken,
    /** Until the chosen one is given up while it loads, seconds. */
    loadSeconds: async (change: Change = {}): Promise<number> =>
      ((await chosen(change)).opening.input as LeaseInput).limits.loadMs / 1_000,
    /** Until the chosen one is given up while nobody can log in to it, seconds. */
    connectSeconds: async (): Promise<number> =>
      ((await chosen()).opening.input as LeaseInput).limits.connectMs / 1_000,
    /** So much of the lead is left. */
    at: (share: number): void => {
      const lead = plan.pocStartHeight - plan.rentHeight;
      height = blockHeight(plan.pocStartHeight - Math.floor(share * lead));
    },
    /** So many blocks of the PoC are over. */
    fromStart: (blocks: number): void => {
      height = blockHeight(plan.pocStartHeight + blocks);
    },
    afford: (dollars: number): void => {
      left = microUsd(dollars * 1e6);
    },
  };
}

const isMet = (one: Offer, needs: OfferNeeds): boolean =>
  (needs.gpuNames?.includes(one.gpuName) ?? true) &&
  one.reliability >= needs.reliabilityMin &&
  one.inetDownMbps >= needs.inetDownMbpsMin &&
  one.price <= needs.priceMax &&
  one.gpuTotalRamMb >= needs.gpuTotalRamMbMin;

const good: Offer = { ...offer, machineId: 1, offerId: 1, inetDownMbps: 1_000, reliability: 0.99 };
const shaky: Offer = { ...good, machineId: 2, offerId: 2, reliability: 0.93 };
const slow: Offer = { ...good, machineId: 3, offerId: 3, reliability: 0.9, inetDownMbps: 400 };
const foreign: Offer = { ...good, machineId: 4, offerId: 4, gpuName: 'L40S', gpuRamMb: good.gpuTotalRamMb };
const dear: Offer = { ...good, machineId: 5, offerId: 5, price: microUsdPerHourOfDollars(1.01) };

describe('the search for a machine', () => {
  it('asks once, and as the operator wants it, where that brings something', async () => {
    const { searched, taken, at } = market([good, shaky, slow, foreign]);
    for (const share of [1, 0.7, 0.4, 0.2]) {
      at(share);
      expect(await taken()).toBe(1);
    }
    expect(searched).toHaveLength(4);
    for (const needs of searched)
      expect(needs).toMatchObject({ gpuNames: ['RTX 4090'], reliabilityMin: 0.97, inetDownMbpsMin: 800 });
  });

  it.each([
    ['a shaky machine once a quarter of the lead is gone', shaky, [1, 0.76], 0.75],
    ['one with a slow line in the second half', slow, [1, 0.75, 0.51], 0.5],
    ['another GPU in the last quarter', foreign, [1, 0.5, 0.26], 0.25],
  ])('takes %s, and none before', async (_name, only, tooEarly, share) => {
    const { taken, at } = market([only]);
    for (const early of tooEarly) {
      at(early);
      expect(await taken()).toBe('VAST_NO_OFFER');
    }
    at(share);
    expect(await taken()).toBe(only.machineId);
  });

  it('widens step by step, and stops at the first that brings something', async () => {
    const { searched, taken, at } = market([slow, foreign]);
    at(0.1);
    expect(await taken()).toBe(slow.machineId);
    expect(
      searched.map(({ reliabilityMin, inetDownMbpsMin, gpuNames }) => [
        reliabilityMin,
        inetDownMbpsMin,
        gpuNames,
      ]),
    ).toEqual([
      [0.97, 800, ['RTX 4090']],
      [0.93, 800, ['RTX 4090']],
      [0.9, 400, ['RTX 4090']],
    ]);
  });

  it('widens where what was found may not be taken', async () => {
    const { searched, taken, at } = market([good, shaky]);
    at(0.6);
    expect(await taken({ failed: [good.machineId] })).toBe(shaky.machineId);
    expect(searched).toHaveLength(2);
  });

  it('is as wide as can be at once when a machine was lost after the PoC began', async () => {
    const { searched, taken, at } = market([foreign]);
    at(1);
    expect(await taken({ isReplacement: true })).toBe(foreign.machineId);
    expect(searched).toHaveLength(4);
  });

  it('asks a machine that failed once more when nothing else can be had at the end, and never one of its crew', async () => {
    const { taken, at } = market([good, foreign]);
    const failed = [good.machineId];
    at(0.3);
    expect(await taken({ failed })).toBe('VAST_NO_OFFER');
    at(0.2);
    expect(await taken({ failed })).toBe(foreign.machineId);
    expect(await taken({ failed, crew: [foreign.machineId] })).toBe(good.machineId);
    expect(await taken({ failed: [...failed, ...failed], crew: [foreign.machineId] })).toBe('VAST_NO_OFFER');
    expect(await taken({ crew: [good.machineId, foreign.machineId] })).toBe('VAST_NO_OFFER');
  });

  it('never widens price, memory, disk or duration', async () => {
    const { searched, taken, at } = market([dear]);
    at(0.01);
    expect(await taken()).toBe('VAST_NO_OFFER');
    expect(searched.length).toBeGreaterThan(3);
    const [first] = searched;
    for (const needs of searched) {
      const { gpuNames: _names, reliabilityMin: _reliability, inetDownMbpsMin: _line, ...fixed } = needs;
      expect(first).toMatchObject(fixed);
    }
  });

  it('tells an empty purse from an empty market', async () => {
    const { taken, afford } = market([good]);
    afford(0.01);
    expect(await taken()).toBe('SPEND_CAP_REACHED');
  });
});

describe('a machine that loads too long', () => {
  // 12 GB over 45 % of 1 Gbit/s, unpacked at 150 MB/s, and 12 s before either.
  const usualSeconds = 12 + 96_000 / 450 + 80;

  it('is given up after twice the usual time of its line, while there is time for another one', async () => {
    const { loadSeconds, at } = market([good]);
    at(1);
    expect(await loadSeconds()).toBeCloseTo(2 * usualSeconds, 0);
  });

  it('goes on as far as the setting lets it where another one would come too late', async () => {
    const { loadSeconds, at } = market([good], { VASTAI_INSTANCE_READY_TIMEOUT: '1500' });
    at(0.1);
    expect(await loadSeconds()).toBe(1_500);
  });

  it('goes on where none is rented for safety', async () => {
    const { loadSeconds, at } = market([good], { POC_HEDGES: '0', VASTAI_INSTANCE_READY_TIMEOUT: '1500' });
    at(1);
    expect(await loadSeconds()).toBe(1_500);
  });
});

describe('a machine that nobody can log in to', () => {
  it('is given up after three minutes, or sooner where the setting says so', async () => {
    expect(await market([good]).connectSeconds()).toBe(180);
    expect(await market([good], { VASTAI_SSH_READY_TIMEOUT: '90' }).connectSeconds()).toBe(90);
  });

  it('has as long as the setting lets it where another one would come too late', async () => {
    const { connectSeconds, at } = market([good]);
    at(0.1);
    expect(await connectSeconds()).toBe(900);
  });

  it('has as long as the setting lets it where none is rented for safety', async () => {
    expect(await market([good], { POC_HEDGES: '0' }).connectSeconds()).toBe(900);
  });
});

describe('the last hope of a PoC', () => {
  it('is in the middle of it the machine that boots fast, and none that comes too late', async () => {
    const fast: Offer = {
      ...good,
      machineId: 7,
      offerId: 7,
      inetDownMbps: 5_000,
      price: tenfold(good.price),
      gpuPrice: tenfold(good.gpuPrice),
    };
    const { taken, at, fromStart } = market([good, fast], { VASTAI_MAX_PRICE: '50' });
    at(1);
    expect(await taken({ isReplacement: false })).toBe(good.machineId);
    fromStart(10);
    expect(await taken({ isReplacement: true })).toBe(fast.machineId);
    fromStart(54);
    expect(await taken({ isReplacement: true })).toBe('VAST_NO_OFFER');
  });

  it('is the machine that comes, not the one that is cheap', async () => {
    const crawling: Offer = { ...good, machineId: 6, offerId: 6, inetDownMbps: 850, gpuPrice: good.gpuPrice };
    const cheap: Offer = {
      ...crawling,
      reliability: 0.97,
      price: tenth(good.price),
      gpuPrice: tenth(good.gpuPrice),
    };
    const { taken, at } = market([good, cheap]);
    at(1);
    expect(await taken()).toBe(cheap.machineId);
    at(0.12);
    expect(await taken({ crewSize: 0 })).toBe(cheap.machineId);
    expect(await taken({ crewSize: 5 })).toBe(good.machineId);
  });
});

const tenfold = (price: Offer['price']): Offer['price'] => microUsdPerHourOfDollars(price / 1e5);
const tenth = (price: Offer['price']): Offer['price'] => microUsdPerHourOfDollars(price / 1e7);
