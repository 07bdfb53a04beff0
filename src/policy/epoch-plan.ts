import { blockHeight, type BlockHeight, milliseconds, type Milliseconds } from '../units.ts';

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
  /** Why this mode, for people. */
  readonly reason: string;
  /** Machines wanted at once. */
  readonly width: number;
  /** Live leases allowed at once, hedges included (invariant I4). */
  readonly crewMax: number;
  /** From here on heads are followed block by block. */
  readonly approachHeight: BlockHeight;
  /** Renting begins; the first of `launchHeights`. */
  readonly rentHeight: BlockHeight;
  /** Rising. At each later one, while fewer than `width` are ready, one more machine an open place is rented. */
  readonly launchHeights: readonly BlockHeight[];
  /** Mean interval of the launches: after it a replacement that is not ready gets a rival. */
  readonly hedgeMs: Milliseconds;
  /** What the schedule promises (docs/operating.md "The plan"). */
  readonly readyChance: number;
  readonly missChance: number;
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
  readonly reason: string;
  readonly width: number;
  /** Milliseconds before `poc_start` of each launch, falling; after it: negative. At least one. */
  readonly launchLeadsMs: readonly number[];
  readonly readyChance: number;
  readonly missChance: number;
  /** How coarse the chain is watched while idle: the approach must not fall between two looks. */
  readonly checkIntervalMs: Milliseconds;
  readonly blockTimeMs: Milliseconds;
  /** `CHAIN_HALT_LIMIT`. */
  readonly haltLimitMs: Milliseconds;
}

/** Without a second launch to go by. */
const hedgePriorMs = 300_000;

/** The plan for one PoC, in blocks. Pure arithmetic; recomputed while the epoch is idle or approaching. */
export function planEpoch(input: PlanInput): EpochPlan {
  const { stages, mode, launchLeadsMs, checkIntervalMs, blockTimeMs, haltLimitMs, width } = input;
  const launchHeights = heightsOf(input);
  const rentHeight = launchHeights[0] ?? stages.pocStartHeight;
  return {
    epochIndex: stages.epochIndex,
    mode,
    reason: input.reason,
    width,
    crewMax: width * launchHeights.length,
    // Two looks at the chain always fit between the approach and the first rental.
    approachHeight: blockHeight(Math.max(0, rentHeight - Math.ceil((2 * checkIntervalMs) / blockTimeMs))),
    rentHeight,
    launchHeights,
    hedgeMs: milliseconds(Math.max(60_000, meanIntervalMs(launchLeadsMs))),
    readyChance: input.readyChance,
    missChance: input.missChance,
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

function meanIntervalMs(leadsMs: readonly number[]): number {
  const [first = 0, last = 0] = [leadsMs[0], leadsMs.at(-1)];
  return leadsMs.length < 2 ? hedgePriorMs : (first - last) / (leadsMs.length - 1);
}

/** Leads in blocks, rounded to the early side; each height once, and none at which it is too late. */
function heightsOf({ stages, launchLeadsMs, blockTimeMs }: PlanInput): readonly BlockHeight[] {
  const heights = launchLeadsMs.map((leadMs) => {
    const height = stages.pocStartHeight - Math.ceil(leadMs / blockTimeMs);
    return Math.max(0, Math.min(height, stages.pocGenerationWindDownHeight));
  });
  return [...new Set(heights)].toSorted((a, b) => a - b).map(blockHeight);
}

/** True when two plans differ in anything that a running wait depends on. */
export function isSamePlan(a: EpochPlan, b: EpochPlan): boolean {
  // A drifting block time moves the lead by a few blocks; re-arming for that would only fill the journal.
  const tolerance = Math.max(2, 0.05 * (a.pocStartHeight - a.rentHeight));
  const near = (x: number, y: number): boolean => Math.abs(x - y) <= tolerance;
  return (
    a.mode === b.mode &&
    a.reason === b.reason &&
    a.width === b.width &&
    a.launchHeights.length === b.launchHeights.length &&
    a.launchHeights.every((height, index) => near(height, b.launchHeights[index] ?? Infinity)) &&
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
