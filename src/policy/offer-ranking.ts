import type { MicroUsd, MicroUsdPerHour } from '../units.ts';
import type { BootModel } from './boot-model.ts';
import { worstCaseCost } from './metering.ts';
import { noncesPerHour, type NonceMachine, type NonceRecord } from './nonce-rate.ts';

/** What ranking reads of an offer. */
export interface RankedOffer extends NonceMachine {
  readonly offerId: number;
  readonly machineId: number;
  /** The whole, disk included. */
  readonly price: MicroUsdPerHour;
  readonly gpuPrice: MicroUsdPerHour;
  readonly diskPrice: MicroUsdPerHour;
  readonly inetDownMbps: number;
  readonly inetDownUsdPerGb: number;
  readonly inetUpUsdPerGb: number;
  readonly reliability: number;
}

/** When a machine is of use. */
export interface Usefulness {
  /** Until `poc_start`; null = the sooner the better, at any time (a replacement in the middle of an epoch). */
  readonly readyByMs: number | null;
  /** From `poc_start` on for so long a machine is still started; it then loses its share of the generation. */
  readonly graceMs: number;
  readonly generationMs: number;
}

export interface RankingNeeds {
  /** From creation to release. */
  readonly rentalMs: number;
  /** Beyond it, for destroy and its proof: part of the worst case. */
  readonly tailMs: number;
  readonly downloadGb: number;
  readonly usefulness: Usefulness;
  readonly boot: BootModel;
  readonly nonces: readonly NonceRecord[];
  /** Factor on P(ready) by machine id; absent = trusted. */
  readonly trust: ReadonlyMap<number, number>;
  readonly excludedMachineIds: readonly number[];
  /** What a machine that does not come in time costs, dollars: another launch, and the danger to the PoC. */
  readonly failureUsd: number;
  /** What the PoC is worth, dollars: what is at stake when a machine fails whose reservation left nothing for another. */
  readonly pocUsd: number;
  /** What the caps leave. The worst case of one rental must not pass it. */
  readonly reservationMax: MicroUsd;
}

/** An offer with the arithmetic that put it where it is. */
export interface RankedRow<Offer extends RankedOffer> {
  readonly offer: Offer;
  /** Expected share of the PoC that it serves, by boot model, tier and machine memory. */
  readonly usefulShare: number;
  /** Expected cost of the whole rental, dollars. */
  readonly expectedUsd: number;
  readonly noncesPerHour: number;
  /** Expected cost of what it is worth: the order. Dollars for what an average machine of 38 GB computes. */
  readonly score: number;
  readonly reserved: MicroUsd;
  /** Why it is not taken; null = it may be. */
  readonly rejection: string | null;
}

/** Nonces an hour of one GPU group of the least kind: the yardstick of the score. */
const usualNoncesPerHour = 480;
/** A boot that is worth less is none. */
const usefulShareMin = 0.02;

/**
 * Offers by the expected cost of the whole rental per expected valid nonce of a machine that comes in time, best first;
 * what may not be taken comes last, with the reason. Traffic counts: fifteen gigabytes can cost more than half an hour
 * of a small GPU.
 */
export function rankOffers<Offer extends RankedOffer>(
  offers: readonly Offer[],
  needs: RankingNeeds,
): RankedRow<Offer>[] {
  const excluded = new Set(needs.excludedMachineIds);
  const drafts = offers.map((offer) => draftOf(offer, needs, excluded));
  const danger = dangerOfSpending(drafts, needs);
  return drafts
    .map((draft) => ({ ...draft, score: scoreOf(draft, needs, danger) }))
    .toSorted(
      (a, b) =>
        Number(a.rejection !== null) - Number(b.rejection !== null) ||
        a.score - b.score ||
        a.offer.offerId - b.offer.offerId,
    );
}

/** Traffic of one rental, dollars. */
export const trafficUsd = (offer: Pick<RankedOffer, 'inetDownUsdPerGb'>, downloadGb: number): number =>
  downloadGb * offer.inetDownUsdPerGb;

type Draft<Offer extends RankedOffer> = Omit<RankedRow<Offer>, 'score'>;

function draftOf<Offer extends RankedOffer>(
  offer: Offer,
  needs: RankingNeeds,
  excluded: ReadonlySet<number>,
): Draft<Offer> {
  const share = usefulShare(offer, needs) * (needs.trust.get(offer.machineId) ?? 1);
  const rate = noncesPerHour(offer, needs.nonces);
  const traffic = trafficUsd(offer, needs.downloadGb);
  const reserved = worstCaseCost(offer.price, needs.rentalMs + needs.tailMs, traffic);
  const expectedUsd = expectedCostUsd(offer, needs, share, traffic);
  return {
    offer,
    usefulShare: share,
    expectedUsd,
    noncesPerHour: rate,
    reserved,
    rejection: excluded.has(offer.machineId)
      ? 'this machine failed, or is rented for this PoC already'
      : rate === 0
        ? 'its GPUs form no group of 38 GB'
        : share < usefulShareMin
          ? 'it would hardly be ready in time'
          : reserved > needs.reservationMax
            ? 'its worst case does not fit into what the caps leave'
            : null,
  };
}

function scoreOf(
  { expectedUsd, usefulShare: share, noncesPerHour: rate, reserved }: Draft<RankedOffer>,
  { failureUsd, pocUsd }: RankingNeeds,
  danger: (reserved: MicroUsd) => number,
): number {
  const lossUsd = (1 - share) * Math.max(failureUsd, pocUsd * danger(reserved));
  return ((expectedUsd + lossUsd) * usualNoncesPerHour) / (share * rate || Number.MIN_VALUE);
}

/**
 * How likely the PoC is missed when this machine fails and so much of the caps is bound: what is left then pays for so
 * many usual machines, each of which may fail. Far from the caps it is nothing, near them a dear machine is a danger.
 */
function dangerOfSpending(
  drafts: readonly Draft<RankedOffer>[],
  { reservationMax }: RankingNeeds,
): (reserved: MicroUsd) => number {
  const usual = drafts.filter(({ rejection }) => rejection === null);
  const reservedUsual = median(usual.map(({ reserved }) => reserved));
  const failsUsual = 1 - median(usual.map(({ usefulShare: share }) => share));
  return (reserved) => failsUsual ** (Math.max(0, reservationMax - reserved) / Math.max(1, reservedUsual));
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/**
 * The GPU is paid from the running container on; a machine that never comes costs disk and traffic. How long it waits
 * for PoC is reckoned by how uncertain its own boot is, not by when it happens to be launched: otherwise slow lines
 * would look cheap whenever there is time, and there would have to be time because lines are slow.
 */
function expectedCostUsd(offer: RankedOffer, needs: RankingNeeds, share: number, traffic: number): number {
  const { rentalMs, usefulness, boot } = needs;
  const uncertainMs = boot.quantileMs(offer, 0.9) - boot.quantileMs(offer, 0.3);
  const heldMs = Math.max(0, rentalMs - Math.max(0, usefulness.readyByMs ?? 0));
  const gpu = ((offer.gpuPrice / 1e6) * (heldMs + uncertainMs)) / 3_600_000;
  return share * gpu + ((offer.diskPrice / 1e6) * rentalMs) / 3_600_000 + traffic;
}

/** Points at which the lateness is looked at. */
const lateSteps = 4;

/** Expected share of the PoC that a machine serves: all of it when ready in time, less when late, nothing when never. */
export function usefulShare(
  offer: RankedOffer,
  { boot, usefulness }: Pick<RankingNeeds, 'boot' | 'usefulness'>,
): number {
  const { readyByMs, graceMs, generationMs } = usefulness;
  if (readyByMs === null) return boot.usable(offer);
  const readyAt = (ms: number): number => boot.readyWithin(offer, readyByMs + ms);
  let share = readyAt(graceMs) * Math.max(0, 1 - graceMs / generationMs);
  for (let step = 0; step < lateSteps; step += 1)
    share += readyAt(((step + 0.5) * graceMs) / lateSteps) * (graceMs / generationMs / lateSteps);
  return Math.min(1, share);
}
