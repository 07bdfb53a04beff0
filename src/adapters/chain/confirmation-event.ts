import { z } from 'zod';
import { type BlockHeight, blockHeight } from '../../units.ts';

export type ConfirmationPhase = 'inactive' | 'gracePeriod' | 'generation' | 'validation' | 'completed';

/** A confirmation PoC that the chain runs at the moment (docs/reference/protocol.md "Confirmation PoC"). */
export interface ConfirmationPoc {
  readonly epochIndex: number;
  /** Counts within the epoch, from 0. */
  readonly sequence: number;
  /** Stands as `block_height` in every call and callback of this PoC. */
  readonly triggerHeight: BlockHeight;
  readonly generationStartHeight: BlockHeight;
  readonly phase: ConfirmationPhase;
}

const phases: readonly ConfirmationPhase[] = [
  'inactive',
  'gracePeriod',
  'generation',
  'validation',
  'completed',
];
const phaseNames: Readonly<Record<string, ConfirmationPhase>> = {
  INACTIVE: 'inactive',
  GRACE_PERIOD: 'gracePeriod',
  GENERATION: 'generation',
  VALIDATION: 'validation',
  COMPLETED: 'completed',
};

const integer = z
  .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
  .refine((value) => Number.isSafeInteger(value) && value >= 0, 'is no height or count');

/** A number, a number as a string, or a name with or without its prefix: both shapes occur at the same time. */
const phase = z.union([z.number(), z.string()]).transform((value, context): ConfirmationPhase => {
  const text = String(value);
  const known = /^\d+$/.test(text)
    ? phases[Number(text)]
    : phaseNames[text.replace(/^CONFIRMATION_POC_/, '')];
  if (known !== undefined) return known;
  context.addIssue({ code: 'custom', message: 'is no phase of a confirmation PoC' });
  return z.NEVER;
});

/** `active_confirmation_poc_event` as it stands on the wire. Fields that are zero may be left out. */
export const confirmationEvent = z
  .object({
    epoch_index: integer.default(0),
    event_sequence: integer.default(0),
    trigger_height: integer,
    generation_start_height: integer.optional(),
    phase: phase.default('inactive'),
  })
  .transform(
    (wire): ConfirmationPoc => ({
      epochIndex: wire.epoch_index,
      sequence: wire.event_sequence,
      triggerHeight: blockHeight(wire.trigger_height),
      generationStartHeight: blockHeight(wire.generation_start_height ?? wire.trigger_height),
      phase: wire.phase,
    }),
  );
