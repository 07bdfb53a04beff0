import { z } from 'zod';

/**
 * What the inference port takes and gives, for the OpenAPI document and for tests. Nothing here runs on the path of a
 * request: `readInferenceRequest` reads by hand, and a test holds the two against each other.
 */
const common = {
  model: z.string().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.unknown().optional(),
};

/** Fields that are not named pass to the back end, as far as it takes them. */
export const chatRequest = z.looseObject({
  ...common,
  messages: z.array(z.looseObject({ role: z.string() })).min(1),
});

/** A text, texts, or token ids. */
export const textRequest = z.looseObject({
  ...common,
  prompt: z.union([z.string(), z.array(z.unknown()).min(1)]),
});

const usage = z.looseObject({ prompt_tokens: z.number(), completion_tokens: z.number() });
const finishReason = z.string().nullish();

/** What is certain of an answer in one piece, whichever back end gave it. */
export const chatCompletion = z.looseObject({
  model: z.string(),
  choices: z
    .array(
      z.looseObject({
        message: z.looseObject({ content: z.string().nullable() }),
        finish_reason: finishReason,
      }),
    )
    .min(1),
  usage,
});
export const textCompletion = z.looseObject({
  model: z.string(),
  choices: z.array(z.looseObject({ text: z.string(), finish_reason: finishReason })).min(1),
  usage,
});

/** One event of a stream; the last one before `[DONE]` has the usage and no choices where usage was asked for. */
export const chatChunk = z.looseObject({
  model: z.string(),
  choices: z.array(
    z.looseObject({
      delta: z.looseObject({ content: z.string().nullish() }),
      finish_reason: finishReason,
    }),
  ),
  usage: usage.nullish(),
});
export const textChunk = z.looseObject({
  model: z.string(),
  choices: z.array(z.looseObject({ text: z.string(), finish_reason: finishReason })),
  usage: usage.nullish(),
});
