import { createHash } from 'node:crypto';
import type { WorldClock, WorldTimer } from '../clock.ts';
import type { Random } from '../random.ts';
import { drawBootPlan, type BootEnd, type BootPlan } from './boot-plan.ts';
import type { CreationOrder } from './creation.ts';
import type { VastFaultBoard } from './fault-catalogue.ts';
import type { MachineHost } from './machine-host.ts';
import type { Market } from './market.ts';
import type { OfferRow } from './offer.ts';
import { Rental } from './rental.ts';

export interface FleetOptions {
  readonly clock: WorldClock;
  readonly random: Random;
  readonly host: MachineHost;
  readonly market: Market;
  readonly faults: VastFaultBoard;
  readonly imageGb: number;
  readonly imageExists: (image: string) => boolean;
  readonly accidents: number;
  readonly hostFailure: number | undefined;
  readonly onStir: (what: 'listed' | 'status') => void;
  readonly keySalt: string;
  readonly creditUsd: number;
  readonly accountKeys: () => readonly string[];
}

/** All instances that were ever rented here, and the money that they cost. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #rentals = new Map<number, Rental>();
  /** Those of them that are not destroyed. */
  readonly #live = new Set<Rental>();
  /** What those cost that are destroyed. */
  #endedUsd = 0;
  #nextInstanceId = 20_000_001;
  #creditTimer: WorldTimer | undefined;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  get all(): readonly Rental[] {
    return [...this.#rentals.values()];
  }
  get live(): readonly Rental[] {
    return [...this.#live];
  }
  get visible(): readonly Rental[] {
    return this.live.filter((rental) => rental.visible);
  }
  spentUsd(): number {
    const now = this.#options.clock.now();
    return this.live.reduce((sum, rental) => sum + rental.meter.read(now).costUsd, this.#endedUsd);
  }

  /** An instance that is not destroyed, visible or not yet. */
  get(instanceId: number): Rental | undefined {
    const rental = this.#rentals.get(instanceId);
    return rental?.destroyedAt === null ? rental : undefined;
  }
  owner(containerApiKey: string): Rental | undefined {
    // A key outlives its instance: the machine may send its DELETE again.
    return (
      this.live.find((rental) => rental.terms.containerApiKey === containerApiKey) ??
      this.all.find((rental) => rental.terms.containerApiKey === containerApiKey)
    );
  }

  /** `lost` = the offer went to somebody else in between, and the caller did not ask for a cancel in that case. */
  rent(order: CreationOrder, offer: OfferRow, lost: boolean): Rental {
    const { clock, host, imageGb, keySalt } = this.#options;
    const instanceId = this.#nextInstanceId++;
    const rental = new Rental({
      instanceId,
      containerApiKey: createHash('sha256').update(`${keySalt} ${instanceId}`).digest('hex'),
      order,
      offer,
      plan: this.#plan(order, offer, instanceId, lost),
      imageGb,
      clock,
      host,
      authorizedKeys: this.#options.accountKeys(),
      onRunning: (running) => this.#strikeLater(running),
      onChange: (changed) => this.#changed(changed),
      onLateTraffic: (usd) => {
        this.#endedUsd += usd;
        this.#watchCredit();
      },
      onStir: this.#options.onStir,
    });
    this.#rentals.set(instanceId, rental);
    this.#live.add(rental);
    this.#watchCredit();
    return rental;
  }

  /** Applies `exits`, `offline` and `creditGone` to containers that run already. */
  strikeRunning(): void {
    if (this.#options.faults.get('creditGone') > 0) this.#stopEverything();
    for (const [fault, as] of losses) {
      for (const rental of this.live) {
        if (rental.actualStatus === 'running' && this.#options.faults.take(fault)) rental.lose(as);
      }
    }
  }

  close(): void {
    this.#options.clock.clearTimeout(this.#creditTimer);
    for (const rental of this.all) rental.close();
  }

  #plan(order: CreationOrder, offer: OfferRow, instanceId: number, lost: boolean): BootPlan {
    const { faults, accidents, hostFailure, imageGb, imageExists, market, random } = this.#options;
    const slowness = faults.get('slowBoot') || 1;
    const isBad = faults.get('badRegion') > 0 && market.isInBadRegion(offer);
    const stuckTimes = isBad ? faults.get('badRegion') : 1;
    const terms = { offer, imageGb, accidents, slowness, hostFailure, stuckTimes };
    const plan = drawBootPlan(random.fork(instanceId), terms);
    return {
      ...plan,
      visibleAfterMs: faults.get('slowList') || plan.visibleAfterMs,
      end: this.#forcedEnd(order, lost) ?? plan.end,
      ...(imageExists(order.image) ? {} : { imageCached: false }),
    };
  }

  #forcedEnd(order: CreationOrder, lost: boolean): BootEnd | undefined {
    const { faults, imageExists } = this.#options;
    if (lost || faults.take('intendedStopped')) return 'intendedStopped';
    if (faults.take('imageMissing') || !imageExists(order.image)) return 'imageMissing';
    if (faults.take('ociFails')) return 'ociFails';
    return faults.take('neverBoots') ? 'neverBoots' : undefined;
  }

  #strikeLater(rental: Rental): void {
    for (const [fault, as] of losses) {
      if (this.#options.faults.take(fault)) rental.after(60_000, () => rental.lose(as));
    }
  }

  #changed(rental: Rental): void {
    this.#options.onStir(rental.destroyedAt === null ? 'status' : 'listed');
    if (rental.destroyedAt !== null && this.#live.delete(rental)) {
      this.#endedUsd += rental.meter.read(rental.destroyedAt).costUsd;
      this.#options.market.giveBack(rental.terms.offer.id);
    }
    this.#watchCredit();
  }

  /** At zero the provider stops everything; the contracts stay and go on billing their disks. */
  #watchCredit(): void {
    const { clock, creditUsd } = this.#options;
    clock.clearTimeout(this.#creditTimer);
    this.#creditTimer = undefined;
    const active = this.live.filter((rental) => rental.intendedStatus === 'running');
    const usdPerMs = active.reduce((sum, rental) => sum + rental.meter.usdPerMs(), 0);
    if (usdPerMs === 0) return;
    const leftMs = Math.max(0, (creditUsd - this.spentUsd()) / usdPerMs);
    if (leftMs > 30 * 86_400_000) return;
    this.#creditTimer = clock.setTimeout(() => this.#stopEverything(), leftMs + 1);
  }

  #stopEverything(): void {
    for (const rental of this.live) if (rental.intendedStatus === 'running') rental.loseGpu();
  }
}

const losses = [
  ['exits', 'exited'],
  ['offline', 'offline'],
] as const;
