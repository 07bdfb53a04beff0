import type { Offer } from '../../adapters/vast/interface.ts';
import type { Config } from '../../config/config.ts';
import { HybridError } from '../../errors.ts';
import type { ChosenLease } from '../../machines/epoch-context.ts';
import type { LeaseInput } from '../../machines/lease-context.ts';
import type { EpochPlan } from '../../policy/epoch-plan.ts';
import { blockHeight, type MicroUsd, microUsd, milliseconds } from '../../units.ts';
import type { Neighbours } from '../neighbours.ts';
import { createOfferChoice } from '../renting/offer-choice.ts';
import type { RehearsalHouse } from './house.ts';

export interface RehearsedRental {
  readonly chosen: ChosenLease;
  readonly offer: Offer;
  /** Worst case of the whole rental. */
  readonly reserved: MicroUsd;
}

export interface RehearsedChoiceOptions {
  readonly config: Config;
  readonly deploymentId: string;
  readonly house: RehearsalHouse;
  readonly neighbours: Pick<Neighbours, 'vast' | 'ssh'>;
  /** What the rental is reckoned with, milliseconds. */
  readonly estimatedMs: number;
  /** Its worst case should not pass it. */
  readonly costMax: MicroUsd;
  readonly signal: AbortSignal;
}

/**
 * The machine that the daemon would take now for a PoC that lasts so long: the same needs, the same ranking, and, while
 * nothing else can be taken, the same widening. When every one costs more than `costMax`, the best of them is returned
 * all the same, for the caller to refuse. Throws VAST_NO_OFFER, SPEND_CAP_REACHED, and what Vast.ai answers.
 */
export async function rehearsedChoice(options: RehearsedChoiceOptions): Promise<RehearsedRental> {
  try {
    return await chosenWithin(options, options.costMax);
  } catch (error) {
    if (!(error instanceof HybridError) || !['VAST_NO_OFFER', 'SPEND_CAP_REACHED'].includes(error.code))
      throw error;
    return chosenWithin(options, microUsd(Number.MAX_SAFE_INTEGER)).catch(() => {
      throw error;
    });
  }
}

async function chosenWithin(
  { config, deploymentId, house, neighbours, estimatedMs, signal }: RehearsedChoiceOptions,
  left: MicroUsd,
): Promise<RehearsedRental> {
  const { planner, memory } = house.planning;
  const seen = new Map<number, Offer>();
  const { vast, ssh } = neighbours;
  const choose = createOfferChoice({
    config,
    deploymentId,
    clock: house.clock,
    vast: {
      ...vast,
      search: async (needs, stop) => {
        const offers = await vast.search(needs, stop);
        for (const offer of offers) seen.set(offer.offerId, offer);
        return offers;
      },
    },
    ssh,
    planning: () => ({ planner, memory, budgetLeft: () => left }),
    height: () => Promise.resolve(blockHeight(0)),
    mayRent: () => Promise.resolve(),
  });
  const chosen = await choose(
    {
      plan: rehearsedPlan(estimatedMs),
      owner: 'rehearsal',
      crewMachineIds: [],
      failedMachineIds: [],
      failures: 0,
      crewSize: 1,
      stage: 1,
      isReplacement: true,
    },
    signal,
  );
  const { offer: leased, reserved } = chosen.opening.input as LeaseInput;
  const offer = seen.get(leased.offerId);
  if (offer === undefined) throw new Error(`offer ${leased.offerId} was chosen and never seen`);
  return { chosen, offer, reserved };
}

/** A PoC of nobody's chain, on which a machine is of use from now on: blocks of a second, the first of them now. */
function rehearsedPlan(estimatedMs: number): EpochPlan {
  const now = blockHeight(0);
  const end = blockHeight(Math.ceil(estimatedMs / 1_000));
  return {
    epochIndex: 0,
    mode: 'epoch',
    reason: 'a rehearsal',
    width: 1,
    crewMax: 1,
    approachHeight: now,
    rentHeight: now,
    launchHeights: [now],
    hedgeMs: milliseconds(0),
    readyChance: 1,
    missChance: 0,
    pocStartHeight: now,
    tooLateHeight: now,
    generationEndHeight: end,
    exchangeEndHeight: end,
    validationEndHeight: end,
    holdUntilHeight: end,
    blockTimeMs: milliseconds(1_000),
    haltLimitMs: milliseconds(0),
  };
}
