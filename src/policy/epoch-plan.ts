import { blockHeight, type BlockHeight, type Milliseconds } from '../units.ts';

/** What the plan needs to know of an upcoming PoC; heights from the live chain (docs/reference/protocol.md). */
export interface PocStages {
  readonly epochIndex: number;
  readonly pocStartHeight: BlockHeight;
  readonly pocGenerationWindDownHeight: BlockHeight;
  readonly pocGenerationEndHeight: BlockHeight;
  readonly pocValidationEndHeight: BlockHeight;
  readonly exchangeEndHeight: BlockHeight;
  readonly nextPocStartHeight: BlockHeight;
}

export type RentalMode = 'sprint' | 'epoch' | 'off';

/** When what happens around one PoC. Deadlines are heights; seconds exist only for waiting. */
export interface EpochPlan {
  readonly epochIndex: number;
  readonly mode: RentalMode;
  /** From here on heads are followed block by block. */
  readonly approachHeight: BlockHeight;
  /** Renting begins. */
  readonly rentHeight: BlockHeight;
  readonly pocStartHeight: BlockHeight;
  /** The Network Node starts no node after this one: a machine that comes later earns nothing. */
  readonly tooLateHeight: BlockHeight;
  readonly generationEndHeight: BlockHeight;
  /** Last height at which generated batches are taken. */
  readonly exchangeEndHeight: BlockHeight;
  readonly validationEndHeight: BlockHeight;
  /** The machine is kept until here (invariant I6). */
  readonly holdUntilHeight: BlockHeight;
  /** Estimate used to turn the lead into blocks. */
  readonly blockTimeMs: Milliseconds;
  /** How long beyond its expected time a height is waited for: a halted chain must not keep a paid machine. */
  readonly haltLimitMs: Milliseconds;
}

export interface PlanInput {
  readonly stages: PocStages;
  readonly mode: RentalMode;
  /** From the first search to a qualified machine. */
  readonly leadMs: Milliseconds;
  /** How coarse the chain is watched while idle: the approach must not fall between two looks. */
  readonly checkIntervalMs: Milliseconds;
  readonly blockTimeMs: Milliseconds;
  /** `CHAIN_HALT_LIMIT`. */
  readonly haltLimitMs: Milliseconds;
}

/** The plan for one PoC, in blocks. Pure arithmetic; recomputed while the epoch is idle or approaching. */
export function planEpoch(input: PlanInput): EpochPlan {
  const { stages, mode, leadMs, checkIntervalMs, blockTimeMs, haltLimitMs } = input;
  const leadBlocks = Math.ceil(leadMs / blockTimeMs);
  // Two looks at the chain always fit between the approach and the first rental.
  const approachBlocks = leadBlocks + Math.ceil((2 * checkIntervalMs) / blockTimeMs);
  const before = (blocks: number): BlockHeight => blockHeight(Math.max(0, stages.pocStartHeight - blocks));
  return {
    epochIndex: stages.epochIndex,
    mode,
    approachHeight: before(approachBlocks),
    rentHeight: before(leadBlocks),
    pocStartHeight: stages.pocStartHeight,
    tooLateHeight: stages.pocGenerationWindDownHeight,
    generationEndHeight: stages.pocGenerationEndHeight,
    exchangeEndHeight: stages.exchangeEndHeight,
    validationEndHeight: stages.pocValidationEndHeight,
    holdUntilHeight: mode === 'epoch' ? stages.nextPocStartHeight : stages.pocValidationEndHeight,
    blockTimeMs,
    haltLimitMs,
  };
}

/** True when two plans differ in anything that a running wait depends on. */
export function isSamePlan(a: EpochPlan, b: EpochPlan): boolean {
  // A drifting block time moves the lead by a few blocks; re-arming for that would only fill the journal.
  const tolerance = Math.max(2, 0.05 * (a.pocStartHeight - a.rentHeight));
  const near = (x: number, y: number): boolean => Math.abs(x - y) <= tolerance;
  return (
    a.mode === b.mode &&
    a.pocStartHeight === b.pocStartHeight &&
    a.tooLateHeight === b.tooLateHeight &&
    a.generationEndHeight === b.generationEndHeight &&
    a.exchangeEndHeight === b.exchangeEndHeight &&
    a.validationEndHeight === b.validationEndHeight &&
    a.holdUntilHeight === b.holdUntilHeight &&
    near(a.rentHeight, b.rentHeight) &&
    near(a.approachHeight, b.approachHeight)
  );
}
