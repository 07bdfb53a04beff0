import type { Offer, OfferNeeds, Vast } from '../../adapters/vast/interface.ts';
import type { Ssh } from '../../adapters/ssh/interface.ts';
import type { Config } from '../../config/config.ts';
import { HybridError } from '../../errors.ts';
import type { ChoiceInput, ChosenLease } from '../../machines/epoch-context.ts';
import { typicalSeconds } from '../../policy/boot-model.ts';
import { trustOf } from '../../policy/machine-memory.ts';
import { widenedNeeds, wideningAllowed, wideningMax, wideningSentence } from '../../policy/needs-widening.ts';
import { rankOffers, type RankedRow, trafficUsd, type Usefulness } from '../../policy/offer-ranking.ts';
import type { Clock } from '../../runtime/clock.ts';
import {
  type BlockHeight,
  dollars,
  type MicroUsd,
  type Milliseconds,
  milliseconds,
  unixMs,
} from '../../units.ts';
import { chosenLease } from './chosen-lease.ts';
import type { Planning } from './planning.ts';

/** Times the usual load of that line; of those that come at all, about one in twenty takes longer. */
const givenUpAfter = 2;

/** Time for destroy and its proof beyond the hold; part of every reservation (invariant I5). */
export const releaseTailMs = 15 * 60_000;

export interface OfferChoiceOptions {
  readonly config: Config;
  readonly deploymentId: string;
  readonly clock: Clock;
  readonly vast: Vast;
  readonly ssh: Ssh;
  planning(): Pick<Planning, 'planner' | 'memory' | 'budgetLeft'>;
  /** Height of the newest head; resolves when the chain is followed. */
  height(signal: AbortSignal): Promise<BlockHeight>;
  /** Resolves never while the daemon stops: a stopping daemon rents nothing, the next start goes on. */
  mayRent(signal: AbortSignal): Promise<void>;
  /** In [0, 1). Default: Math.random, and ulid's own. */
  readonly random?: () => number;
}

/** Searches the market for one machine of a PoC and decides which offer to take. Throws what keeps it from renting. */
export function createOfferChoice(
  options: OfferChoiceOptions,
): (input: ChoiceInput, signal: AbortSignal) => Promise<ChosenLease> {
  const { config, clock, vast, ssh } = options;
  let isKeyKnown = false;
  return async (input, signal) => {
    await options.mayRent(signal);
    const { planner, memory, budgetLeft } = options.planning();
    const height = await options.height(signal);
    const rentalMs = expectedRentalMs(input, height);
    refuseHopeless(config, input, height, rentalMs);
    if (!isKeyKnown) {
      // Keys are injected at creation only, so the account must have ours before the first create.
      await vast.ensureSshKey(ssh.publicKey(), signal);
      isKeyKnown = true;
    }
    // Only now: while the market answered, another rental may have been begun.
    const now = clock.now();
    const left = budgetLeft(input.owner, unixMs(now + rentalMs + releaseTailMs));
    const { imageGb, modelGb } = planner.bootTerms();
    const judged = (
      offers: readonly Offer[],
      excludedMachineIds: readonly number[],
    ): readonly RankedRow<Offer>[] =>
      rankOffers(offers, {
        rentalMs,
        tailMs: releaseTailMs,
        downloadGb: imageGb + modelGb,
        usefulness: usefulness(input, height),
        boot: planner.boot(),
        nonces: memory.nonces(),
        trust: trustOf(memory.distrusts(), now),
        excludedMachineIds,
        failureUsd: failureUsd(config, input),
        pocUsd: config.rental.pocUsd,
        reservationMax: left,
      }).filter(({ rejection }) => rejection === null);
    const needs = { ...planner.machineNeeds(), durationSecondsMin: durationSeconds(rentalMs) };
    const widest = wideningOf(input, height);
    const { offers, takeable: others } = await searchInSteps(
      vast,
      needs,
      widest,
      (found) => judged(found, [...input.crewMachineIds, ...input.failedMachineIds]),
      signal,
    );
    const isLastHope = others.length === 0 && widest === wideningMax;
    const takeable = isLastHope ? judged(offers, [...input.crewMachineIds, ...hopeless(input)]) : others;
    const [chosen] = takeable;
    if (chosen === undefined) throw noOffer(config, needs, offers, left);
    return chosenLease({
      config,
      deploymentId: options.deploymentId,
      owner: input.owner,
      offer: chosen.offer,
      diskGb: needs.diskGb,
      trafficUsd: trafficUsd(chosen.offer, imageGb + modelGb),
      reserved: chosen.reserved,
      ...bootLimits(config, imageGb, chosen.offer, usefulness(input, height)),
      now,
      random: options.random,
    });
  };
}

/**
 * A machine that failed may do better the next time, and where nothing else can be had nothing is lost by asking once
 * more. Not a third time.
 */
const hopeless = ({ failedMachineIds }: ChoiceInput): readonly number[] =>
  failedMachineIds.filter((machineId, at) => failedMachineIds.indexOf(machineId) !== at);

/** Twice what nearly every login needs (docs/reference/vast.md "Simulator parameters"); some take minutes, some never come. */
const lameLoginMs = 180_000;

/**
 * Until a machine that still loads its image, or that nobody can log in to, is given up for another one: a line that
 * crawls, or a host that never starts, would hold its place and its reservation to the end. Where another one would
 * come too late, or where none is rented for safety, it may go on.
 */
function bootLimits(
  { rental, vast }: Config,
  imageGb: number,
  offer: Offer,
  { readyByMs, graceMs }: Usefulness,
): { readonly loadLimitMs: Milliseconds; readonly connectLimitMs: Milliseconds } {
  const usualMs = 1_000 * typicalSeconds({ imageGb, modelGb: 0 }, offer);
  const limited = (longestMs: Milliseconds, limitMs: number, beforeMs: number): Milliseconds => {
    const isInTime = readyByMs === null || beforeMs + limitMs + usualMs < readyByMs + graceMs;
    const isGivenUp = rental.hedges > 0 && isInTime;
    return milliseconds(Math.round(isGivenUp ? Math.min(limitMs, longestMs) : longestMs));
  };
  return {
    loadLimitMs: limited(vast.readyTimeoutMs, givenUpAfter * usualMs, 0),
    connectLimitMs: limited(vast.sshReadyTimeoutMs, lameLoginMs, usualMs),
  };
}

/** As the operator asks; and while nothing can be taken, wider by a step, as far as the deadline is near. */
async function searchInSteps(
  vast: Vast,
  needs: OfferNeeds,
  widest: number,
  judged: (offers: readonly Offer[]) => readonly RankedRow<Offer>[],
  signal: AbortSignal,
): Promise<{ readonly offers: readonly Offer[]; readonly takeable: readonly RankedRow<Offer>[] }> {
  let found = await vast.search(needs, signal);
  let takeable = judged(found);
  for (let level = 1; level <= widest && takeable.length === 0; level += 1) {
    if (wideningSentence(needs, level) === null) continue;
    found = await vast.search(widenedNeeds(needs, level), signal);
    takeable = judged(found);
  }
  return { offers: found, takeable };
}

/** The lead runs from the planned height of renting to `poc_start`; behind it a machine is wanted at once. */
function wideningOf({ plan, isReplacement }: ChoiceInput, height: BlockHeight): number {
  const left = isReplacement ? 0 : plan.pocStartHeight - height;
  return wideningAllowed(left, plan.pocStartHeight - plan.rentHeight);
}

/** An offer that ends with the session could end it: a day of reserve. */
const durationSeconds = (rentalMs: number): number => Math.ceil(rentalMs / 1_000) + 86_400;

const expectedRentalMs = ({ plan }: ChoiceInput, height: BlockHeight): number =>
  Math.max(0, plan.holdUntilHeight - height) * plan.blockTimeMs;

/**
 * Before PoC a machine is wanted by `poc_start`; one that is lost in the middle of a PoC has to be made good before
 * generation ends, because batches for validation are given out then and once. For the rest of an epoch: as soon as can be.
 */
export function usefulness(
  { plan, isReplacement }: Pick<ChoiceInput, 'plan' | 'isReplacement'>,
  height: BlockHeight,
): Usefulness {
  const ms = (blocks: number): number => blocks * plan.blockTimeMs;
  const generationMs = ms(plan.generationEndHeight - plan.pocStartHeight);
  const toPocMs = ms(plan.pocStartHeight - height);
  const graceMs = ms(plan.tooLateHeight - plan.pocStartHeight);
  if (isReplacement && plan.mode === 'epoch') return { readyByMs: null, graceMs: 0, generationMs };
  if (isReplacement) return { readyByMs: ms(plan.generationEndHeight - height), graceMs: 0, generationMs };
  return { readyByMs: toPocMs, graceMs, generationMs };
}

/**
 * Another launch, and the danger that it does not come in time either. The more of the planned launches have come to
 * nothing so far, the fewer can still save the PoC: the last of them is worth nearly all of it, and so is one that
 * makes good what was lost in the middle of a PoC.
 */
function failureUsd({ rental }: Config, { plan, crewSize, failures, isReplacement }: ChoiceInput): number {
  const isRescue = isReplacement && plan.mode === 'sprint';
  const spentShare = isRescue ? 1 : Math.min(1, (crewSize + failures) / plan.launchHeights.length);
  return 0.05 + rental.pocUsd * Math.max(0.005, plan.missChance ** (1 - spentShare));
}

function refuseHopeless(config: Config, input: ChoiceInput, height: BlockHeight, rentalMs: number): void {
  const { plan, failures, isReplacement } = input;
  const { epochIndex } = plan;
  const lastHeight = isReplacement ? plan.holdUntilHeight : plan.tooLateHeight;
  if (height >= lastHeight)
    throw new HybridError({ code: 'VAST_NO_OFFER', message: `too late for PoC ${epochIndex}` });
  if (failures > config.vast.startRetries)
    throw new HybridError({
      code: 'RENTAL_TRIES_SPENT',
      message: `${failures} machines failed for PoC ${epochIndex} (VASTAI_START_RETRIES)`,
    });
  if (plan.mode === 'sprint' && rentalMs > config.rental.maxPocDurationMs)
    throw new HybridError({
      code: 'HOLD_TOO_LONG',
      message: `the machine would be held for ${Math.ceil(rentalMs / 1_000)} s, MAX_POC_DURATION is ${config.rental.maxPocDurationMs / 1_000} s`,
    });
}

/** Distinguishes an empty market from an empty purse. */
function noOffer(config: Config, needs: OfferNeeds, offers: readonly Offer[], left: MicroUsd): HybridError {
  const cheapest = offers.toSorted((a, b) => a.price - b.price)[0];
  if (cheapest === undefined)
    return new HybridError({
      code: 'VAST_NO_OFFER',
      message: `no offer up to ${dollars(config.vast.priceMax)}/h (VASTAI_MAX_PRICE) meets the needs`,
      needs: JSON.stringify(needs),
    });
  return new HybridError({
    code: left < cheapest.price / 4 ? 'SPEND_CAP_REACHED' : 'VAST_NO_OFFER',
    message: `none of ${offers.length} offers can be taken; ${dollars(left)} of the caps is left`,
  });
}
