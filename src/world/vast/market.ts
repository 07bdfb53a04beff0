import type { WorldClock } from '../clock.ts';
import type { Random } from '../random.ts';
import { matcher, sorted, type Row } from './offer-query.ts';
import { drawOffer, offerAnswer, type OfferRow } from './offer.ts';

export interface MarketOptions {
  /** Offers on the market at any time. Default 120. */
  readonly offerCount?: number;
  /** Factor on every price. Default 1 = the levels of docs/reference/vast.md "Prices". */
  readonly priceLevel?: number;
  /**
   * World milliseconds after which half of the offers that nobody took are others: machines come and go, prices move.
   * Default: they stay for ever.
   */
  readonly halfLifeMs?: number;
  /** Exactly these offers instead (missing fields are drawn). */
  readonly offers?: readonly Partial<OfferRow>[];
}

interface Listing {
  offer: OfferRow;
  /** Somebody else took it: it cannot be rented, but searches show it until `hiddenFrom`. */
  hiddenFrom: number | undefined;
  relistAt: number;
  rentedHere: boolean;
  /** World time at which another machine takes this place. */
  leavesAt: number;
}

/** No answer has more rows, whatever limit is asked for. */
const rowCap = 64;
/** A taken offer stays visible this long, as search results are cached. */
const staleMs = 20_000;

/** The offers of all hosts: some are taken by others every moment, and come back later under another id. */
export class Market {
  readonly #clock: WorldClock;
  readonly #random: Random;
  readonly #accidents: number;
  readonly #priceLevel: number;
  readonly #halfLifeMs: number;
  readonly #listings: Listing[] = [];
  #nextOfferId = 7_000_001;
  #cheapest: readonly number[] = [];
  #searchedAt = 0;

  constructor(options: { clock: WorldClock; random: Random; accidents: number; market: MarketOptions }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#accidents = options.accidents;
    this.#priceLevel = options.market.priceLevel ?? 1;
    this.#halfLifeMs = options.market.halfLifeMs ?? Infinity;
    const given =
      options.market.offers ?? Array.from({ length: options.market.offerCount ?? 120 }, () => ({}));
    for (const partial of given) this.#list({ ...this.#draw(), ...partial });
  }

  /** One search: filters, order, 64-row cap. Throws QueryError. */
  search(body: Row, options: { sloppy: boolean }): Row[] {
    const { order, limit, type, allocated_storage: storage, ...filters } = body;
    this.#relist();
    const diskGb = typeof storage === 'number' ? storage : 8;
    const now = this.#clock.now();
    const rows = this.#visible().map((offer) => offerAnswer(offer, diskGb, now));
    const ignoring = (operator: string): boolean => options.sloppy && /^[gl]te?$/.test(operator);
    const found =
      type === 'bid' || type === 'reserved' ? [] : rows.filter(matcher(filters, filtered, ignoring));
    const cap = Math.min(rowCap, typeof limit === 'number' && limit > 0 ? limit : rowCap);
    const answer = sorted(found, order ?? [['reliability2', 'desc']]).slice(0, cap);
    this.#cheapest = sorted(answer, [['dph_total', 'asc']])
      .slice(0, 3)
      .map((row) => Number(row['id']));
    this.#searchedAt = now;
    return answer;
  }

  /**
   * Takes the offer for a rental; undefined when it is gone. Cheap offers and old results are more often gone.
   * Source: docs/reference/vast.md "Numbers for a simulator".
   */
  take(offerId: number): OfferRow | undefined {
    const listing = this.#listings.find((candidate) => candidate.offer.id === offerId);
    if (!listing || listing.rentedHere || listing.hiddenFrom !== undefined) return undefined;
    const contested = this.#cheapest.includes(offerId) || this.#clock.now() - this.#searchedAt > 60_000;
    if (this.#random.chance(this.#accidents * (contested ? 0.3 : 0.1))) {
      this.loseToOthers(offerId);
      return undefined;
    }
    listing.rentedHere = true;
    return listing.offer;
  }

  /** The offer whatever its fate; undefined for an id that there never was or is no more. */
  find(offerId: number): OfferRow | undefined {
    return this.#listings.find((candidate) => candidate.offer.id === offerId)?.offer;
  }

  /** Whether that machine stands where most of the cheap ones do: one provider's site, which fails as one. */
  isInBadRegion({ geolocation }: OfferRow): boolean {
    const cheap = this.#listings
      .map((listing) => listing.offer)
      .toSorted((a, b) => a.dph_base - b.dph_base)
      .slice(0, 10);
    const counts = Map.groupBy(cheap, (offer) => offer.geolocation);
    const worst = [...counts].toSorted((a, b) => b[1].length - a[1].length)[0]?.[0];
    return geolocation === worst;
  }

  /** Another customer takes the offer; searches go on showing it for a while. */
  loseToOthers(offerId: number): void {
    const listing = this.#listings.find((candidate) => candidate.offer.id === offerId);
    if (!listing) return;
    listing.hiddenFrom = this.#clock.now() + staleMs;
    listing.relistAt = this.#clock.now() + this.#random.lognormal(3_600_000, 14_400_000);
  }

  /** The rental is over: the machine is for rent again, under an id of its own. */
  giveBack(offerId: number): void {
    const listing = this.#listings.find((candidate) => candidate.offer.id === offerId);
    if (listing?.rentedHere) this.#renew(listing);
  }

  #draw(): OfferRow {
    return drawOffer(this.#random, this.#nextOfferId++, this.#priceLevel);
  }

  #list(offer: OfferRow): void {
    const leavesAt = this.#leavesAt();
    this.#listings.push({ offer, hiddenFrom: undefined, relistAt: 0, rentedHere: false, leavesAt });
  }

  #leavesAt(): number {
    if (this.#halfLifeMs === Infinity) return Infinity;
    return this.#clock.now() + (this.#halfLifeMs * -Math.log(1 - this.#random.next())) / Math.LN2;
  }

  #visible(): OfferRow[] {
    const now = this.#clock.now();
    return this.#listings
      .filter(
        (listing) => !listing.rentedHere && (listing.hiddenFrom === undefined || now < listing.hiddenFrom),
      )
      .map((listing) => listing.offer);
  }

  #relist(): void {
    const now = this.#clock.now();
    for (const listing of this.#listings) {
      if (now >= listing.leavesAt && !listing.rentedHere) {
        listing.offer = this.#draw();
        listing.leavesAt = this.#leavesAt();
      }
      if (listing.hiddenFrom !== undefined && now >= listing.relistAt) this.#renew(listing);
    }
  }

  #renew(listing: Listing): void {
    listing.offer = { ...listing.offer, id: this.#nextOfferId++ };
    listing.hiddenFrom = undefined;
    listing.rentedHere = false;
  }
}

/** Filters have columns of their own; `id` matches nothing. Source: docs/reference/vast.md "Search pitfalls". */
function filtered(row: Row, field: string): unknown {
  switch (field) {
    case 'id':
      return null;
    case 'verified':
      return row['verification'] === 'verified';
    case 'datacenter':
      return Number(row['hosting_type']) > 0;
    case 'external':
      return row['external'] === true;
    case 'geolocation':
      return String(row['geolocation']).slice(-2);
    default:
      return row[field] ?? null;
  }
}
