import { z } from 'zod';
import { badAnswer } from './epochs-answer.ts';
import type { ChainParams } from './interface.ts';

const number = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]);

/** Fields that are zero may be left out; a program without confirmation PoC has no such object. */
const confirmation = z.looseObject({ expected_confirmations_per_epoch: number.default(0) });

const params = z.looseObject({
  confirmation_poc_params: confirmation.nullish(),
  poc_params: z
    .looseObject({
      poc_v2_enabled: z.boolean().optional(),
      models: z.array(z.unknown()).nullish(),
      model_params: z.unknown().optional(),
    })
    .nullish(),
});

/** The Cosmos REST API wraps them in `params`; other hosts answer the object itself. */
const answer = z.union([z.object({ params }).transform((body) => body.params), params]);

/** The body of the parameters' query. Throws CHAIN_BAD_ANSWER. */
export function parseParamsAnswer(body: string, source: string): ChainParams {
  const parsed = answer.safeParse(parsedJson(body));
  if (!parsed.success || Object.keys(parsed.data).length === 0)
    throw badAnswer(source, 'answered something that is no parameters of the chain');
  const { confirmation_poc_params: confirmations, poc_params: poc } = parsed.data;
  const hasModels = Array.isArray(poc?.models) && poc.models.length > 0;
  return {
    expectedConfirmationsPerEpoch: confirmations?.expected_confirmations_per_epoch ?? 0,
    isPocV2Enabled:
      poc?.poc_v2_enabled ?? (hasModels ? true : poc?.model_params === undefined ? null : false),
  };
}

function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
