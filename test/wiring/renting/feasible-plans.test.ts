import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEpochsAnswer } from '../../../src/adapters/chain/epochs-answer.ts';
import type { ChainHead } from '../../../src/adapters/chain/interface.ts';
import { type EpochPlan, isSamePlan } from '../../../src/policy/epoch-plan.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { milliseconds, unixMs } from '../../../src/units.ts';
import { createPlanner, type Planner } from '../../../src/wiring/renting/planner.ts';
import { type EpochParams, phaseAt, stagesOf } from '../../../src/world/chain/epoch-schedule.ts';
import { epochsAnswer } from '../../../src/world/chain/epochs-answer.ts';
import { configWith } from '../settings.ts';

const startAt = 1_800_000_000_000;

/** Parameters that a chain can live with, from epochs of a dozen blocks to a week. */
const params: fc.Arbitrary<EpochParams> = fc
  .record({
    stage: fc.integer({ min: 1, max: 300 }),
    exchange: fc.nat(20),
    delay: fc.nat(20),
    validation: fc.integer({ min: 1, max: 500 }),
    validators: fc.nat(200),
    rest: fc.oneof(fc.nat(10), fc.nat(2_000), fc.nat(100_000)),
  })
  .map(({ stage, exchange, delay, validation, validators, rest }) => ({
    epochLength: stage + delay + validation + validators + rest + 1,
    pocStageDuration: stage,
    pocExchangeDuration: Math.min(exchange, delay + validation),
    pocValidationDelay: delay,
    pocValidationDuration: validation,
    setNewValidatorsDelay: validators,
    inferenceValidationCutoff: 20,
  }));

const settings = fc.record({
  RENTAL_POLICY: fc.constantFrom('sprint', 'epoch', 'auto', 'off'),
  GPU_FLEET_WIDTH: fc.integer({ min: 1, max: 8 }).map(String),
  POC_HEDGES: fc.nat(10).map(String),
  POC_PREP_TIME: fc.oneof(fc.constant(''), fc.integer({ min: 1, max: 20_000 }).map(String)),
  POC_CHECK_INTERVAL: fc.integer({ min: 1, max: 3_600 }).map(String),
  POC_VALUE: fc.constantFrom('0', '0.1', '20', '500'),
  MAX_POC_DURATION: fc.constantFrom('60', '1800', '10800', '1000000'),
});
const anyCase = fc.record({
  params,
  settings,
  version: fc.constantFrom('v1' as const, 'v2' as const),
  expectedPerEpoch: fc.constantFrom(null, 0, 2),
  blockTimeMs: fc.double({ min: 1_000, max: 12_000, noNaN: true }),
  pocStart: fc.integer({ min: 1, max: 5_000_000 }),
  /** Where in the epoch the chain is. */
  share: fc.double({ min: 0, max: 0.999, noNaN: true }),
});
type Case = typeof anyCase extends fc.Arbitrary<infer Any> ? Any : never;

/** What `epochs/latest` says, read as the daemon reads it. */
function headOf(one: Case, next: EpochParams = one.params): ChainHead {
  const height = one.pocStart + Math.floor(one.share * one.params.epochLength);
  // A shorter epoch ends the running one sooner, but not before its PoC is over.
  const {
    pocStageDuration: stage,
    pocValidationDelay: delay,
    pocValidationDuration: validation,
  } = one.params;
  const epochLength = Math.max(next.epochLength, stage + delay + validation + 1);
  const current = stagesOf(7, one.pocStart, { ...one.params, epochLength });
  const view = {
    height: Math.min(height, current.next_poc_start - 1),
    current,
    next: stagesOf(8, current.next_poc_start, next),
    params: next,
    shape: 'flat' as const,
    confirmation: undefined,
  };
  const body = epochsAnswer({ ...view, phase: phaseAt(view.height, current) });
  return parseEpochsAnswer(JSON.stringify(body), 'test', unixMs(startAt));
}

function plannerOf({ settings: given, version, expectedPerEpoch }: Case): Planner {
  return createPlanner({
    config: configWith(given),
    clock: new VirtualClock(startAt),
    memory: { version: 1, all: [], boots: () => [] },
    knowledge: {
      isSettled: true,
      confirmation: { expectedPerEpoch, adminExpectedPerEpoch: null, wasEventSeen: false },
      node: { isDisabled: false, isPreserved: false },
      isPocV2Enabled: null,
    } as never,
    pocVersion: () => version,
  });
}

function planned(planner: Planner, head: ChainHead, { blockTimeMs }: Case): EpochPlan {
  const plan = planner.plan(head, milliseconds(blockTimeMs));
  if (plan === undefined) throw new Error('there is no plan');
  return plan;
}

function expectFeasible(plan: EpochPlan, head: ChainHead, { settings: given, version }: Case): void {
  const { launchHeights, rentHeight, approachHeight, pocStartHeight, tooLateHeight, holdUntilHeight } = plan;
  expect(launchHeights[0]).toBe(rentHeight);
  expect(launchHeights.every((height, at) => at === 0 || height > launchHeights[at - 1]!)).toBe(true);
  expect(launchHeights.every((height) => Number.isSafeInteger(height) && height >= 0)).toBe(true);
  expect(launchHeights.at(-1)).toBeLessThanOrEqual(tooLateHeight);
  if (rentHeight > 0) expect(approachHeight).toBeLessThan(rentHeight);
  expect(pocStartHeight).toBe(head.next.pocStartHeight);
  const rising = [
    pocStartHeight,
    tooLateHeight,
    plan.generationEndHeight,
    plan.exchangeEndHeight,
    plan.validationEndHeight,
    holdUntilHeight,
  ];
  expect(rising).toEqual(rising.toSorted((a, b) => a - b));
  expect(holdUntilHeight).toBe(
    plan.mode === 'epoch' ? head.next.nextPocStartHeight : head.next.pocValidationEndHeight,
  );
  expect(plan.width).toBe(version === 'v2' ? 1 : Number(given.GPU_FLEET_WIDTH));
  expect(launchHeights.length).toBeLessThanOrEqual(1 + Number(given.POC_HEDGES));
  expect(plan.crewMax).toBe(plan.width * launchHeights.length);
  expect(plan.readyChance).toBeGreaterThanOrEqual(0);
  expect(plan.readyChance).toBeLessThanOrEqual(1 - plan.missChance + 1e-9);
}

/** By how many blocks the first launch may be ahead of what it is bound to: leads are no shorter than a minute. */
const slackBlocks = ({ blockTimeMs }: Case): number => Math.ceil(60_000 / blockTimeMs) + 1;

describe('every plan is feasible in blocks', () => {
  it('whatever the chain, the policy, the width and the place in the epoch', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const head = headOf(one);
        expectFeasible(planned(plannerOf(one), head, one), head, one);
      }),
      { numRuns: 200 },
    );
  });

  it('rents nothing before the PoC before it is over, unless the operator says when', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        fc.pre(one.settings.POC_PREP_TIME === '');
        const head = headOf(one);
        const { rentHeight } = planned(plannerOf(one), head, one);
        expect(rentHeight).toBeGreaterThanOrEqual(head.current.pocValidationEndHeight - slackBlocks(one));
      }),
      { numRuns: 100 },
    );
  });

  it('never plans to keep a sprint for longer than MAX_POC_DURATION, where the PoC itself is not longer', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        fc.pre(one.settings.POC_PREP_TIME === '');
        const head = headOf(one);
        const plan = planned(plannerOf(one), head, one);
        const blocksMax = (Number(one.settings.MAX_POC_DURATION) * 1_000) / one.blockTimeMs;
        const hold = plan.validationEndHeight - plan.pocStartHeight;
        fc.pre(plan.mode === 'sprint' && hold < blocksMax);
        expect(plan.holdUntilHeight - plan.rentHeight).toBeLessThanOrEqual(blocksMax + slackBlocks(one));
      }),
      { numRuns: 100 },
    );
  });

  it('also after governance has changed the epoch that is planned, by the same planner', () => {
    fc.assert(
      fc.property(anyCase, params, (one, changed) => {
        const planner = plannerOf(one);
        const before = planned(planner, headOf(one), one);
        const head = headOf(one, changed);
        const after = planned(planner, head, one);
        expectFeasible(after, head, one);
        const stages = [
          'pocStartHeight',
          'tooLateHeight',
          'generationEndHeight',
          'validationEndHeight',
          'holdUntilHeight',
        ] as const;
        if (stages.some((stage) => before[stage] !== after[stage]))
          expect(isSamePlan(before, after)).toBe(false);
        if (one.settings.POC_PREP_TIME === '')
          expect(after.rentHeight).toBeGreaterThanOrEqual(
            head.current.pocValidationEndHeight - slackBlocks(one),
          );
      }),
      { numRuns: 150 },
    );
  });
});
