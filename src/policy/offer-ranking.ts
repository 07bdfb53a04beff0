import type { MicroUsdPerHour } from '../units.ts';

/** What ranking reads of an offer. */
export interface RankedOffer {
  readonly offerId: number;
  readonly machineId: number;
  readonly price: MicroUsdPerHour;
  readonly inetDownMbps: number;
  readonly inetDownUsdPerGb: number;
  readonly inetUpUsdPerGb: number;
  readonly reliability: number;
}

export interface RankingNeeds {
  /** From creation to release. */
  readonly rentalMs: number;
  readonly downloadGb: number;
  readonly excludedMachineIds: readonly number[];
}

/**
 * Offers by the expected cost of the whole rental per expected success, cheapest first; machines that failed before
 * are left out. Traffic counts: fifteen gigabytes can cost more than half an hour of a small GPU.
 */
export function rankOffers<Offer extends RankedOffer>(
  offers: readonly Offer[],
  needs: RankingNeeds,
): Offer[] {
  const excluded = new Set(needs.excludedMachineIds);
  return offers
    .filter((offer) => !excluded.has(offer.machineId))
    .map((offer) => ({ offer, cost: expectedCostUsd(offer, needs) }))
    .toSorted((a, b) => a.cost - b.cost || a.offer.offerId - b.offer.offerId)
    .map(({ offer }) => offer);
}

/** Traffic of one rental, dollars. */
export const trafficUsd = (offer: RankedOffer, downloadGb: number): number =>
  downloadGb * offer.inetDownUsdPerGb;

function expectedCostUsd(offer: RankedOffer, needs: RankingNeeds): number {
  const rental = (offer.price / 1e6) * (needs.rentalMs / 3_600_000);
  return (rental + trafficUsd(offer, needs.downloadGb)) / successChance(offer);
}

/** Share of rentals that become usable, by the tiers of docs/reference/vast.md "Boot and failure parameters". */
function successChance(offer: RankedOffer): number {
  const stuck = offer.reliability >= 0.99 ? 0.06 : offer.reliability >= 0.95 ? 0.12 : 0.35;
  // Below 500 Mb/s the image alone takes most of the lead.
  const slow = offer.inetDownMbps < 500 ? 0.5 : 1;
  return (1 - stuck) * slow;
}
