import { ulid } from 'ulid';
import type { Offer, OfferNeeds, Vast } from '../adapters/vast/interface.ts';
import type { Ssh } from '../adapters/ssh/interface.ts';
import type { Config } from '../config/config.ts';
import { HybridError } from '../errors.ts';
import type { ChosenLease, EpochWork } from '../machines/epoch-context.ts';
import type { LeaseInput } from '../machines/lease-context.ts';
import type { EpochPlan } from '../policy/epoch-plan.ts';
import { worstCaseCost } from '../policy/metering.ts';
import { rankOffers, trafficUsd } from '../policy/offer-ranking.ts';
import type { Clock } from '../runtime/clock.ts';
import type { EffectCall, Effects } from '../runtime/interface.ts';
import type { Outbox } from '../runtime/outbox.ts';
import { type BlockHeight, dollars, type MicroUsd } from '../units.ts';
import { leaseRow } from './row-names.ts';

/** Time for destroy and its proof beyond the hold; part of every reservation (invariant I5). */
const releaseTailMs = 15 * 60_000;
/** The official image; model weights are not needed for PoC v1. */
const imageGb = 12;
/** The window of a lease's callback port on the machine: free of well-known services and of 8080. */
const callbackPorts = { first: 20_000, count: 10_000 };

export interface EpochEffectsOptions {
  readonly config: Config;
  readonly deploymentId: string;
  readonly clock: Clock;
  readonly vast: Vast;
  readonly ssh: Ssh;
  readonly outbox: Outbox;
  /** Height of the newest head; resolves when the chain is followed. */
  height(signal: AbortSignal): Promise<BlockHeight>;
  /** What the caps leave for one more rental of that epoch row. */
  budgetLeft(owner: string): MicroUsd;
  /** Resolves never while the daemon stops: a stopping daemon rents nothing, the next start goes on. */
  mayRent(signal: AbortSignal): Promise<void>;
  /** In [0, 1); ids and callback ports come of it. Default: Math.random, and ulid's own. */
  readonly random?: () => number;
}

/** The work behind the epoch chart. */
export function createEpochEffects(options: EpochEffectsOptions): Effects {
  const { config, clock, vast, ssh, outbox } = options;
  let isKeyKnown = false;

  const effects = {
    chooseOffer: async ({
      input,
      signal,
    }: Omit<EffectCall, 'input'> & {
      input: { plan: EpochPlan; owner: string; excludedMachineIds: readonly number[]; failures: number };
    }): Promise<ChosenLease> => {
      await options.mayRent(signal);
      const height = await options.height(signal);
      if (height >= input.plan.tooLateHeight) {
        throw new HybridError({
          code: 'VAST_NO_OFFER',
          message: `too late for PoC ${input.plan.epochIndex}`,
        });
      }
      if (input.failures > config.vast.startRetries) {
        throw new HybridError({
          code: 'RENTAL_TRIES_SPENT',
          message: `${input.failures} machines failed for PoC ${input.plan.epochIndex} (VASTAI_START_RETRIES)`,
        });
      }
      if (!isKeyKnown) {
        // Keys are injected at creation only, so the account must have ours before the first create.
        await vast.ensureSshKey(ssh.publicKey(), signal);
        isKeyKnown = true;
      }
      const rentalMs = expectedRentalMs(input.plan, height);
      if (input.plan.mode === 'sprint' && rentalMs > config.rental.maxPocDurationMs) {
        throw new HybridError({
          code: 'HOLD_TOO_LONG',
          message: `the machine would be held for ${Math.ceil(rentalMs / 1_000)} s, MAX_POC_DURATION is ${config.rental.maxPocDurationMs / 1_000} s`,
        });
      }
      const offers = rankOffers(await vast.search(needs(config, rentalMs), signal), {
        rentalMs,
        downloadGb: imageGb,
        excludedMachineIds: input.excludedMachineIds,
      });
      const offer = offers[0];
      if (offer === undefined) {
        throw new HybridError({
          code: 'VAST_NO_OFFER',
          message: `no offer up to ${dollars(config.vast.priceMax)}/h (VASTAI_MAX_PRICE) meets the needs`,
        });
      }
      const reserved = worstCaseCost(offer.price, rentalMs + releaseTailMs, trafficUsd(offer, imageGb));
      const left = options.budgetLeft(input.owner);
      if (reserved > left) {
        throw new HybridError({
          code: 'SPEND_CAP_REACHED',
          message: `the rental may cost ${dollars(reserved)}, ${dollars(left)} of the caps is left`,
        });
      }
      return chosen(options, input.owner, offer, rentalMs, reserved);
    },

    countWork: async ({ input }: { input: { plan: EpochPlan } }): Promise<EpochWork> => {
      const generated = outbox.within(input.plan.exchangeEndHeight);
      const validated = outbox.within(input.plan.validationEndHeight);
      if (generated.queued + validated.queued > 0) {
        throw new HybridError({ code: 'CALLBACK_NOT_TAKEN', message: 'callbacks are still on their way' });
      }
      return {
        noncesDelivered: generated.deliveredNonces,
        validationsDelivered: validated.deliveredCallbacks,
        callbacksUndeliverable: generated.undeliverable + validated.undeliverable,
      };
    },
  };
  return effects as unknown as Effects;

  function expectedRentalMs(plan: EpochPlan, height: BlockHeight): number {
    return Math.max(0, plan.holdUntilHeight - height) * plan.blockTimeMs;
  }

  function chosen(
    { deploymentId, random }: EpochEffectsOptions,
    owner: string,
    offer: Offer,
    rentalMs: number,
    reserved: MicroUsd,
  ): ChosenLease {
    const leaseId = ulid(clock.now(), random);
    const input: LeaseInput = {
      leaseId,
      label: `ghm:${deploymentId}:${leaseId}:1`,
      owner,
      offer: {
        offerId: offer.offerId,
        machineId: offer.machineId,
        gpuName: offer.gpuName,
        gpuCount: offer.gpuCount,
        price: offer.price,
        gpuPrice: offer.gpuPrice,
        diskPrice: offer.diskPrice,
        trafficUsd: trafficUsd(offer, imageGb),
      },
      callbackPort: callbackPorts.first + Math.floor((random ?? Math.random)() * callbackPorts.count),
      ttlMs: config.leaseTtlMs,
      reserved,
      openedAt: clock.now(),
      limits: {
        loadMs: config.vast.readyTimeoutMs,
        connectMs: config.vast.sshReadyTimeoutMs,
        authGraceMs: config.vast.sshAuthGraceMs,
        startMs: config.vast.mlnodeStartTimeoutMs,
      },
    };
    return { leaseId, opening: { chart: 'lease', id: leaseRow(leaseId), input } };
  }
}

function needs(config: Config, rentalMs: number): OfferNeeds {
  const { vast } = config;
  return {
    ...(vast.gpuNames === undefined ? {} : { gpuNames: vast.gpuNames }),
    ...(vast.gpuCount === undefined ? {} : { gpuCount: vast.gpuCount }),
    gpuRamMbMin: vast.gpuRamMbMin,
    gpuTotalRamMbMin: vast.gpuTotalRamMbMin,
    diskGb: vast.diskGb,
    priceMax: vast.priceMax,
    reliabilityMin: vast.reliabilityMin,
    inetDownMbpsMin: vast.inetDownMbpsMin,
    // An offer that ends with the session could end it: a day of reserve.
    durationSecondsMin: Math.ceil(rentalMs / 1_000) + 86_400,
  };
}
