import { z } from 'zod';
import { HybridError } from '../../errors.ts';
import { type UnixMs, blockCount, blockHeight } from '../../units.ts';
import { confirmationEvent } from './confirmation-event.ts';
import type { ChainHead, EpochStages } from './interface.ts';

/** Integers come as numbers or, from v0.2.15 on, as strings (docs/reference/protocol.md "Epochs endpoint"). */
const integer = z
  .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
  .refine((value) => Number.isSafeInteger(value) && value >= 0, 'is no height or count');

const window = z.object({ start: integer, end: integer });

const stages = z.object({
  epoch_index: integer.optional(),
  poc_start: integer,
  poc_generation_wind_down: integer.optional(),
  poc_generation_end: integer,
  poc_validation_start: integer,
  poc_validation_wind_down: integer.optional(),
  poc_validation_end: integer,
  set_new_validators: integer,
  next_poc_start: integer,
  poc_exchange_window: window.optional(),
});

const params = z.object({ epoch_length: integer.optional(), poc_exchange_duration: integer.optional() });

const answer = z.object({
  block_height: integer,
  latest_epoch: z.object({ index: integer.default(0) }),
  phase: z.enum(['PoCGenerate', 'PoCGenerateWindDown', 'PoCValidate', 'PoCValidateWindDown', 'Inference']),
  epoch_stages: stages,
  next_epoch_stages: stages,
  epoch_params: params.extend({ epoch_params: params.optional() }).default({}),
  is_confirmation_poc_active: z.boolean().default(false),
  // An event that cannot be read must not hide the height.
  active_confirmation_poc_event: confirmationEvent.nullish().catch(null),
});

/**
 * One body of `epochs/latest` as a head. `source` is the host, for messages.
 * Throws CHAIN_BAD_ANSWER.
 */
export function parseEpochsAnswer(body: string, source: string, seenAt: UnixMs): ChainHead {
  // Sources of one chain say the same, word for word, while they are at the same height.
  if (last?.body !== body) last = { body, read: readEpochsAnswer(body, source) };
  return { seenAt, ...last.read };
}

let last: { readonly body: string; readonly read: Omit<ChainHead, 'seenAt'> } | undefined;

function readEpochsAnswer(body: string, source: string): Omit<ChainHead, 'seenAt'> {
  const parsed = answer.safeParse(parseJson(body, source));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw badAnswer(
      source,
      `epochs/latest: ${issue?.path.join('.') || 'body'} ${issue?.message ?? 'is wrong'}`,
    );
  }
  const { data } = parsed;
  const chainParams = data.epoch_params.epoch_params ?? data.epoch_params;
  const exchange = chainParams.poc_exchange_duration ?? 0;
  const { poc_start: start, next_poc_start: next } = data.epoch_stages;
  const inner = next - start;
  if (inner <= 0) throw badAnswer(source, 'epochs/latest: next_poc_start does not follow poc_start');
  return {
    height: blockHeight(data.block_height),
    phase: data.phase,
    latestEpochIndex: data.latest_epoch.index,
    current: stagesOf(data.epoch_stages, data.latest_epoch.index, exchange),
    next: stagesOf(data.next_epoch_stages, data.latest_epoch.index + 1, exchange),
    epochLength: blockCount(chainParams.epoch_length ?? inner),
    isConfirmationPocActive: data.is_confirmation_poc_active,
    confirmation: data.is_confirmation_poc_active ? (data.active_confirmation_poc_event ?? null) : null,
  };
}

export function badAnswer(source: string, message: string): HybridError {
  return new HybridError({ code: 'CHAIN_BAD_ANSWER', message: `chain source ${source}: ${message}`, source });
}

function stagesOf(wire: z.infer<typeof stages>, epochIndex: number, exchangeDuration: number): EpochStages {
  const validation = wire.poc_validation_end - wire.poc_validation_start;
  const generation = wire.poc_generation_end - wire.poc_start;
  const fourFifths = (blocks: number): number => Math.trunc(0.8 * blocks);
  return {
    epochIndex: wire.epoch_index ?? epochIndex,
    pocStartHeight: blockHeight(wire.poc_start),
    pocGenerationWindDownHeight: blockHeight(
      wire.poc_generation_wind_down ?? wire.poc_start + fourFifths(generation),
    ),
    pocGenerationEndHeight: blockHeight(wire.poc_generation_end),
    pocValidationStartHeight: blockHeight(wire.poc_validation_start),
    pocValidationWindDownHeight: blockHeight(
      wire.poc_validation_wind_down ?? wire.poc_validation_start + fourFifths(validation),
    ),
    pocValidationEndHeight: blockHeight(wire.poc_validation_end),
    setNewValidatorsHeight: blockHeight(wire.set_new_validators),
    nextPocStartHeight: blockHeight(wire.next_poc_start),
    exchangeStartHeight: blockHeight(wire.poc_exchange_window?.start ?? wire.poc_start + 1),
    exchangeEndHeight: blockHeight(
      wire.poc_exchange_window?.end ?? wire.poc_generation_end + exchangeDuration,
    ),
  };
}

function parseJson(body: string, source: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    const what = body.trimStart().startsWith('<') ? 'HTML' : 'something';
    throw badAnswer(source, `answered ${what} where JSON was due; is this the URL of a Gonka node?`);
  }
}
