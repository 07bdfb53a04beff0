import type { LeaseContext } from '../../machines/lease-context.ts';
import { HybridError } from '../../errors.ts';
import type { ChoiceInput, EpochContext, EpochWork, KeptCrew } from '../../machines/epoch-context.ts';
import { accrued } from '../../policy/day-ledger.ts';
import type { EpochPlan } from '../../policy/epoch-plan.ts';
import type { EffectCall, Effects, Runtime } from '../../runtime/interface.ts';
import type { Outbox } from '../../runtime/outbox.ts';
import { microUsd, unixMs } from '../../units.ts';
import { createOfferChoice, type OfferChoiceOptions, releaseTailMs } from './offer-choice.ts';
import { epochRow, leaseRow } from '../row-names.ts';

export interface EpochEffectsOptions extends OfferChoiceOptions {
  readonly rows: () => Pick<Runtime, 'row'>;
  readonly outbox: Outbox;
}

type Call<Input> = Omit<EffectCall, 'input'> & { readonly input: Input };

/** The work behind the epoch chart. */
export function createEpochEffects(options: EpochEffectsOptions): Effects {
  const chooseOffer = createOfferChoice(options);
  const effects = {
    findKeptCrew: ({ input, signal }: Call<{ plan: EpochPlan; owner: string }>) =>
      findKeptCrew(options, input, signal),
    chooseOffer: ({ input, signal }: Call<ChoiceInput>) => chooseOffer(input, signal),
    countWork: async ({ input }: Call<{ plan: EpochPlan }>) => countWork(options, input.plan),
  };
  return effects as unknown as Effects;
}

/** What the row before holds, as far as the caps allow to keep it; nothing when it holds nothing. */
async function findKeptCrew(
  options: EpochEffectsOptions,
  { plan, owner }: { plan: EpochPlan; owner: string },
  signal: AbortSignal,
): Promise<KeptCrew> {
  const rows = options.rows();
  const from = epochRow(plan.epochIndex - 1);
  const before = rows.row(from);
  const isHolding = before?.value === 'holding' || (isObject(before?.value) && 'replacing' in before.value);
  if (before?.status !== 'active' || !isHolding) return { from: null, leases: [] };
  const now = options.clock.now();
  const holdMs = (plan.holdUntilHeight - (await options.height(signal))) * plan.blockTimeMs + releaseTailMs;
  let left = options.planning().budgetLeft(owner, unixMs(now + holdMs));
  const leases = [];
  for (const { leaseId } of (before.context as EpochContext).crew) {
    const lease = rows.row(leaseRow(leaseId))?.context as LeaseContext | undefined;
    if (lease === undefined) continue;
    const { offer, reserved } = lease;
    const spent = accrued({ ...lease, ...offer, endedAt: null }, 0, Infinity, now);
    const wanted = microUsd(Math.ceil(spent + (offer.price * holdMs) / 3_600_000));
    const more = Math.max(0, wanted - reserved);
    if (more > left) continue;
    left = microUsd(left - more);
    leases.push({ leaseId, reserved: microUsd(Math.max(wanted, reserved)) });
  }
  return { from: leases.length === 0 ? null : from, leases };
}

/** What the Network Node took, and what each machine did of it. */
function countWork(options: EpochEffectsOptions, plan: EpochPlan): EpochWork {
  const { outbox } = options;
  const generated = outbox.within(plan.exchangeEndHeight);
  const validated = outbox.within(plan.validationEndHeight);
  if (generated.queued + validated.queued > 0)
    throw new HybridError({ code: 'CALLBACK_NOT_TAKEN', message: 'callbacks are still on their way' });
  const generationMs = (plan.generationEndHeight - plan.pocStartHeight) * plan.blockTimeMs;
  for (const { leaseId, deliveredNonces } of outbox.byLease(plan.exchangeEndHeight))
    options.planning().memory.noteWork(leaseId, deliveredNonces, generationMs);
  return {
    noncesDelivered: generated.deliveredNonces,
    validationsDelivered: validated.deliveredCallbacks,
    callbacksUndeliverable: generated.undeliverable + validated.undeliverable,
  };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
