import type { RentalMode } from './epoch-plan.ts';

/** What is known of confirmation PoC; null = this source could not be read, or does not say. */
export interface ConfirmationKnowledge {
  /** `expected_confirmations_per_epoch` of the chain's parameters; 0 when they were read and lack it. */
  readonly expectedPerEpoch: number | null;
  /** As the host's own admin configuration tells it. */
  readonly adminExpectedPerEpoch: number | null;
  /** An event was seen on the chain. */
  readonly wasEventSeen: boolean;
}

export interface RentalChoice {
  readonly mode: RentalMode;
  /** One sentence for people. */
  readonly reason: string;
  /** Set when the operator chose what the chain does not pay. */
  readonly warning: string | null;
  /** Expected confirmation PoCs an epoch, as far as known. */
  readonly expectedPerEpoch: number | null;
}

const sprintWarning =
  'a node without a GPU in the middle of an epoch fails confirmation PoC, and the whole epoch earns nothing';

/**
 * Sprint or epoch (docs/reference/protocol.md "Confirmation PoC"): `auto` holds the machine for the whole epoch wherever
 * confirmation PoC may come. Nothing known counts as running; parameters that were read and expect none do not.
 */
export function chooseMode(
  policy: 'auto' | 'sprint' | 'epoch' | 'off',
  knowledge: ConfirmationKnowledge,
): RentalChoice {
  const { isRunning, expected, why } = confirmation(knowledge);
  const choice = (mode: RentalMode, reason: string, warning: string | null = null): RentalChoice => ({
    mode,
    reason,
    warning,
    expectedPerEpoch: expected,
  });
  if (policy === 'off') return choice('off', 'RENTAL_POLICY=off');
  if (policy === 'epoch') return choice('epoch', 'RENTAL_POLICY=epoch');
  if (policy === 'sprint')
    return choice('sprint', 'RENTAL_POLICY=sprint', isRunning ? `${why}: ${sprintWarning}` : null);
  return isRunning
    ? choice('epoch', `RENTAL_POLICY=auto, and ${why}`)
    : choice('sprint', `RENTAL_POLICY=auto, and ${why}`);
}

function confirmation({ expectedPerEpoch, adminExpectedPerEpoch, wasEventSeen }: ConfirmationKnowledge): {
  isRunning: boolean;
  expected: number | null;
  why: string;
} {
  const expected = expectedPerEpoch ?? adminExpectedPerEpoch;
  const source = expectedPerEpoch === null ? "the Network Node's configuration" : "the chain's parameters";
  if (expected !== null && expected > 0)
    return { isRunning: true, expected, why: `${source} expect ${expected} confirmation PoCs an epoch` };
  if (wasEventSeen) return { isRunning: true, expected: null, why: 'a confirmation PoC was seen' };
  if (expected !== null) return { isRunning: false, expected, why: `${source} expect no confirmation PoC` };
  return {
    isRunning: true,
    expected: null,
    why: 'nothing says whether confirmation PoC runs, so it counts as running',
  };
}

/** P(at least one confirmation PoC falls into a share of the epoch), events being independent. */
export const chanceOfEvent = (expectedPerEpoch: number, shareOfEpoch: number): number =>
  1 - Math.exp(-expectedPerEpoch * Math.min(1, Math.max(0, shareOfEpoch)));
