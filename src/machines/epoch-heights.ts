import { milliseconds, type BlockHeight, type Milliseconds } from '../units.ts';
import type { EpochPlan } from '../policy/epoch-plan.ts';
import type { EpochContext, EpochEvent } from './epoch-context.ts';

type HeightEvent = Extract<EpochEvent['type'], `HEIGHT.${string}`>;

/** Blocks may come a quarter slower than measured; beyond that and the limit the chain counts as halted. */
const ceiling = (blocks: number, { blockTimeMs, haltLimitMs }: EpochPlan): Milliseconds =>
  milliseconds(1.25 * Math.max(0, blocks) * blockTimeMs + haltLimitMs);

/** Arms one height of the plan, measured from `from` for its wall-clock ceiling. */
export const arm = (
  type: HeightEvent,
  height: (plan: EpochPlan) => BlockHeight,
  from: (plan: EpochPlan) => number,
) =>
  ({
    type: 'armHeight',
    params: ({ context: { plan } }: { context: EpochContext }) => ({
      id: type,
      height: height(plan),
      event: { type },
      ceilingMs: ceiling(height(plan) - from(plan), plan),
    }),
  }) as const;

export const armPocStart = arm(
  'HEIGHT.POC_START',
  (plan) => plan.pocStartHeight,
  (plan) => plan.rentHeight,
);
export const armTooLate = arm(
  'HEIGHT.TOO_LATE',
  (plan) => plan.tooLateHeight,
  (plan) => plan.rentHeight,
);
export const armGenerationEnd = arm(
  'HEIGHT.GENERATION_END',
  (plan) => plan.generationEndHeight,
  (plan) => plan.pocStartHeight,
);
export const armValidationEnd = arm(
  'HEIGHT.VALIDATION_END',
  (plan) => plan.validationEndHeight,
  (plan) => plan.generationEndHeight,
);
export const armHoldEnd = arm(
  'HEIGHT.HOLD_END',
  (plan) => plan.holdUntilHeight,
  (plan) => plan.validationEndHeight,
);

/** The next launch height that has not passed; armed only while there is one. */
export const armNextLaunch = {
  type: 'armHeight',
  params: ({ context: { plan, stage } }: { context: EpochContext }) => {
    const height = plan.launchHeights[stage] ?? plan.tooLateHeight;
    return {
      id: 'HEIGHT.LAUNCH',
      height,
      event: { type: 'HEIGHT.LAUNCH' },
      ceilingMs: ceiling(height - plan.rentHeight, plan),
    };
  },
} as const;
