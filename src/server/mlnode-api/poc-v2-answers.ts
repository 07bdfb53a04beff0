import { z } from 'zod';
import { pocV2State } from './service-answers.ts';

/** One vLLM of the machine, in its own words. */
const backEnd = z.looseObject({ port: z.int(), status: z.string() });
const result = z.looseObject({ port: z.int(), status: z.string() });
const failure = z.looseObject({ port: z.int(), error: z.string() });

/** `GET /api/v1/inference/pow/status`; without a machine that serves PoC v2 there is no back end. */
export const pocV2StatusAnswer = z.strictObject({ status: pocV2State, backends: z.array(backEnd) });
export type PocV2StatusAnswer = z.infer<typeof pocV2StatusAnswer>;

/** `POST init/generate` that a machine took. */
export const pocV2StartedAnswer = z.looseObject({
  status: z.literal('OK'),
  backends: z.int(),
  n_groups: z.int(),
  results: z.array(result).optional(),
  errors: z.array(failure).nullish(),
});

/** `POST stop`, with and without a machine. */
export const pocV2StoppedAnswer = z.looseObject({
  status: z.literal('OK'),
  message: z.string().optional(),
  results: z.array(result).optional(),
  errors: z.array(failure).nullish(),
});
export type PocV2StoppedAnswer = z.infer<typeof pocV2StoppedAnswer>;

/** `POST generate` and `GET generate/{id}`: queued, running, or done with its artifacts or its verdict. */
export const pocV2ComputationAnswer = z.looseObject({ status: z.string() });

/** Refused by the machine: a text, or what each of its vLLMs said. */
export const pocV2RefusedAnswer = z.looseObject({
  detail: z.union([z.string(), z.looseObject({})]),
});
