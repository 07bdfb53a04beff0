import { json, type WorldOutcome } from '../exchange.ts';
import { htmlPage, invalidArgs, noSuchInstance, offerGone, refusal, tooFrequent } from './answers.ts';
import { readCreation, type CreationOrder } from './creation.ts';
import type { Row } from './offer-query.ts';
import type { Rental } from './rental.ts';
import type { VastApiParts } from './vast-parts.ts';

/** The two calls that move money: create and destroy, with every answer that they are known to give. */
export class RentalDesk {
  readonly #parts: VastApiParts;
  readonly #nextThrottled: () => number;
  #goneCount = 0;

  constructor(parts: VastApiParts, nextThrottled: () => number) {
    this.#parts = parts;
    this.#nextThrottled = nextThrottled;
  }

  /** `PUT /asks/{id}/`. Source: docs/reference/vast.md "Create", answers. */
  async create(offerId: number, body: Row): Promise<WorldOutcome> {
    const { clock, faults, fleet, market, random, accidents, account } = this.#parts;
    if (faults.take('create429')) return tooFrequent(this.#nextThrottled(), 4.5);
    const order = readCreation(body);
    if ('status' in order) return order;
    const isEmpty = faults.get('noCredit') > 0 || faults.get('creditGone') > 0;
    if (isEmpty || fleet.spentUsd() >= account.initialCreditUsd) {
      return refusal(
        400,
        'insufficient_credit',
        'error 400/3733: insufficient_credit Your account lacks credit.',
      );
    }
    if (order.diskGb > (market.find(offerId)?.disk_space ?? Infinity))
      return invalidArgs('disk exceeds disk_space');
    const rental = this.#rent(offerId, order);
    // The machine is taken when the request arrives, the answer comes later: a caller who hangs up has rented.
    const latencyMs = Math.min(30_000, 1000 * random.lognormal(1.6, 8));
    await new Promise<void>((resolve) => {
      clock.setTimeout(resolve, latencyMs);
    });
    if (typeof rental === 'number') return offerGone(rental, offerId);
    const { instanceId, terms } = rental;
    if (faults.take('createReplyLost') || random.chance(0.01 * accidents)) return 'drop';
    if (faults.take('createNoId')) return json(200, { success: true });
    const contract = { new_contract: instanceId, instance_api_key: terms.containerApiKey };
    if (faults.take('createFailsWithContract')) {
      rental.loseGpu();
      return json(200, {
        success: false,
        error: 'bid_too_low',
        msg: 'error: bid below the minimum',
        new_contract: instanceId,
      });
    }
    return json(200, { success: true, ...contract });
  }

  /** `DELETE /instances/{id}/`. A second one does not find the instance, although lists may still show it. */
  destroy(instanceId: number): WorldOutcome {
    const { faults, fleet, random, accidents } = this.#parts;
    const rental = fleet.get(instanceId);
    if (faults.take('destroyFails')) return refusal(500, 'server_error', 'error 500: internal error');
    if (faults.take('destroy429')) return tooFrequent(this.#nextThrottled(), 3);
    if (!rental || rental.destroyAccepted) return noSuchInstance(instanceId);
    if (faults.take('destroyLies')) return json(200, { success: true, msg: 'Deleted instance.' });
    if (random.chance(0.05 * accidents)) {
      return random.chance(0.5) ? htmlPage(502) : tooFrequent(this.#nextThrottled(), 3);
    }
    rental.destroy();
    return json(200, { success: true, msg: 'Deleted instance.' });
  }

  /** The rental, or the turn of the "offer gone" answer. A caller without `cancel_unavail` gets a stopped instance. */
  #rent(offerId: number, order: CreationOrder): Rental | number {
    const { faults, fleet, market } = this.#parts;
    if (faults.take('offerGone')) {
      market.loseToOthers(offerId);
      return 0;
    }
    const offer = market.take(offerId);
    if (offer) return fleet.rent(order, offer, false);
    const lost = market.find(offerId);
    if (lost && !order.cancelUnavailable) return fleet.rent(order, lost, true);
    return this.#goneCount++;
  }
}
