import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSamePlan, planEpoch, type PlanInput, type RentalMode } from '../../src/policy/epoch-plan.ts';
import { blockHeight, milliseconds } from '../../src/units.ts';

const start = 2_089_200;
const stages = {
  epochIndex: 136,
  pocStartHeight: blockHeight(start),
  pocGenerationWindDownHeight: blockHeight(start + 50),
  pocGenerationEndHeight: blockHeight(start + 60),
  exchangeEndHeight: blockHeight(start + 65),
  pocValidationEndHeight: blockHeight(start + 185),
  nextPocStartHeight: blockHeight(start + 600),
};
const input: PlanInput = {
  stages,
  mode: 'sprint',
  reason: 'the test said so',
  width: 1,
  launchLeadsMs: [10 * 60_000, 7 * 60_000, -60_000],
  readyChance: 0.99,
  missChance: 0.001,
  checkIntervalMs: milliseconds(300_000),
  blockTimeMs: milliseconds(6_000),
  haltLimitMs: milliseconds(1_800_000),
};

const anyInput: fc.Arbitrary<PlanInput> = fc
  .record({
    pocStart: fc.integer({ min: 0, max: 5_000_000 }),
    gaps: fc.tuple(...Array.from({ length: 5 }, () => fc.nat(2_000))),
    mode: fc.constantFrom<RentalMode>('sprint', 'epoch', 'off'),
    leadsMs: fc.array(fc.integer({ min: -3_600_000, max: 24 * 3_600_000 }), { minLength: 1, maxLength: 8 }),
    width: fc.integer({ min: 1, max: 16 }),
    checkIntervalMs: fc.integer({ min: 1_000, max: 3_600_000 }),
    blockTimeMs: fc.double({ min: 2_000, max: 10_000, noNaN: true }),
  })
  .map(({ pocStart, gaps, mode, leadsMs, width, checkIntervalMs, blockTimeMs }) => {
    let at = pocStart;
    const [windDown, end, exchangeEnd, validationEnd, next] = gaps.map((gap) => blockHeight((at += gap)));
    return {
      mode,
      reason: '',
      width,
      launchLeadsMs: leadsMs.toSorted((a, b) => b - a),
      readyChance: 1,
      missChance: 0,
      checkIntervalMs: milliseconds(checkIntervalMs),
      blockTimeMs: milliseconds(blockTimeMs),
      haltLimitMs: milliseconds(1_800_000),
      stages: {
        epochIndex: 1,
        pocStartHeight: blockHeight(pocStart),
        pocGenerationWindDownHeight: windDown!,
        pocGenerationEndHeight: end!,
        exchangeEndHeight: exchangeEnd!,
        pocValidationEndHeight: validationEnd!,
        nextPocStartHeight: next!,
      },
    };
  });

describe('a plan', () => {
  it('turns the lead into blocks and keeps the machine until validation ends', () => {
    expect(planEpoch(input)).toEqual({
      epochIndex: 136,
      mode: 'sprint',
      reason: 'the test said so',
      width: 1,
      crewMax: 3,
      approachHeight: start - 200,
      rentHeight: start - 100,
      launchHeights: [start - 100, start - 70, start + 10],
      hedgeMs: 330_000,
      readyChance: 0.99,
      missChance: 0.001,
      pocStartHeight: start,
      tooLateHeight: start + 50,
      generationEndHeight: start + 60,
      exchangeEndHeight: start + 65,
      validationEndHeight: start + 185,
      holdUntilHeight: start + 185,
      blockTimeMs: 6_000,
      haltLimitMs: 1_800_000,
    });
  });

  it('keeps the machine until the next PoC under the epoch policy', () => {
    expect(planEpoch({ ...input, mode: 'epoch' }).holdUntilHeight).toBe(start + 600);
  });

  it('never begins below height 0', () => {
    const early = { ...stages, pocStartHeight: blockHeight(20) };
    expect(planEpoch({ ...input, stages: early })).toMatchObject({ approachHeight: 0, rentHeight: 0 });
  });

  it('has its heights in the order in which they are passed', () => {
    fc.assert(
      fc.property(anyInput, (any) => {
        const plan = planEpoch(any);
        const heights = [
          plan.approachHeight,
          plan.rentHeight,
          Math.max(plan.rentHeight, plan.pocStartHeight),
          plan.tooLateHeight,
          plan.generationEndHeight,
          plan.exchangeEndHeight,
          plan.validationEndHeight,
          plan.holdUntilHeight,
        ];
        expect(heights).toEqual(heights.toSorted((a, b) => a - b));
      }),
    );
  });

  it('leaves at least the lead before PoC, and two looks at the chain before the rental', () => {
    fc.assert(
      fc.property(anyInput, (any) => {
        const { approachHeight, rentHeight, pocStartHeight } = planEpoch(any);
        fc.pre(approachHeight > 0);
        const { launchLeadsMs, blockTimeMs, checkIntervalMs } = any;
        fc.pre(launchLeadsMs[0]! >= 0);
        expect((pocStartHeight - rentHeight) * blockTimeMs).toBeGreaterThanOrEqual(launchLeadsMs[0]! - 1e-3);
        expect((rentHeight - approachHeight) * blockTimeMs).toBeGreaterThanOrEqual(
          2 * checkIntervalMs - 1e-3,
        );
      }),
    );
  });

  it('is feasible in blocks: launches rise from the first rental, none comes too late, and the crew has room for them', () => {
    fc.assert(
      fc.property(anyInput, (any) => {
        const { launchHeights, rentHeight, tooLateHeight, crewMax, width } = planEpoch(any);
        expect(launchHeights[0]).toBe(rentHeight);
        expect(launchHeights).toEqual([...new Set(launchHeights)].toSorted((a, b) => a - b));
        for (const height of launchHeights) expect(height).toBeLessThanOrEqual(tooLateHeight);
        expect(crewMax).toBe(width * launchHeights.length);
        expect(launchHeights.length).toBeLessThanOrEqual(any.launchLeadsMs.length);
      }),
    );
  });

  it('is the same as itself, and another one once a deadline of PoC moves', () => {
    fc.assert(
      fc.property(anyInput, (any) => {
        const plan = planEpoch(any);
        expect(isSamePlan(plan, plan)).toBe(true);
        for (const height of [
          'pocStartHeight',
          'tooLateHeight',
          'generationEndHeight',
          'exchangeEndHeight',
          'validationEndHeight',
          'holdUntilHeight',
        ] as const) {
          expect(isSamePlan(plan, { ...plan, [height]: plan[height] + 1 })).toBe(false);
        }
      }),
    );
  });

  it('does not count as another one for a block time that drifts by a percent, but for one that jumps', () => {
    const plan = planEpoch(input);
    const at = (blockTimeMs: number) => planEpoch({ ...input, blockTimeMs: milliseconds(blockTimeMs) });
    expect(isSamePlan(plan, at(6_060))).toBe(true);
    expect(isSamePlan(plan, at(7_500))).toBe(false);
    expect(isSamePlan(plan, planEpoch({ ...input, mode: 'off' }))).toBe(false);
  });

  it('is another one for another reason, width or number of launches, and for any launch that moves far', () => {
    const plan = planEpoch(input);
    expect(isSamePlan(plan, { ...plan, reason: 'another' })).toBe(false);
    expect(isSamePlan(plan, { ...plan, width: 2 })).toBe(false);
    expect(isSamePlan({ ...plan, launchHeights: plan.launchHeights.slice(0, 2) }, plan)).toBe(false);
    const [first, second, third] = plan.launchHeights;
    const moved = (by: number) => [first!, blockHeight(second! + by), third!];
    expect(isSamePlan(plan, { ...plan, launchHeights: moved(5) })).toBe(true);
    expect(isSamePlan(plan, { ...plan, launchHeights: moved(6) })).toBe(false);
  });

  it('lets two blocks pass for the same where the lead is short', () => {
    const plan = planEpoch({ ...input, launchLeadsMs: [60_000] });
    const at = (by: number) => ({ ...plan, approachHeight: blockHeight(plan.approachHeight + by) });
    expect([isSamePlan(plan, at(2)), isSamePlan(plan, at(3))]).toEqual([true, false]);
  });

  it('launches in the order of heights whatever the order of the leads, and hedges by the mean of their intervals', () => {
    const leads = [60_000, 600_000];
    expect(planEpoch({ ...input, launchLeadsMs: leads }).launchHeights).toEqual([start - 100, start - 10]);
    expect(planEpoch({ ...input, launchLeadsMs: [600_000, 360_000] }).hedgeMs).toBe(240_000);
    expect(planEpoch({ ...input, launchLeadsMs: [600_000, 570_000] }).hedgeMs).toBe(60_000);
    expect(planEpoch({ ...input, launchLeadsMs: [600_000] }).hedgeMs).toBe(300_000);
  });
});
