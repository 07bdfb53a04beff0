import { z } from 'zod';
import { parsedJson } from '../mlnode-api/raw-body.ts';
import { badAnswer, type ClientFailure, failureOfStatus } from './status-table.ts';

/** Tokens as the back end counted them; null where it stated none. */
export interface TokenCounts {
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
}

export const unknownTokens: TokenCounts = { promptTokens: null, completionTokens: null };

export type AnswerReading =
  | { readonly text: string; readonly tokens: TokenCounts }
  | { readonly failure: ClientFailure };

const completion = z.looseObject({
  choices: z.array(z.looseObject({ message: z.looseObject({}) })).min(1),
});

/** Reads an answer in one piece and puts `model` in place of the back end's name for it. Never throws. */
export function readCompletion(text: string, model: string): AnswerReading {
  const value = parsedJson(text)?.value;
  const failure = errorInside(value);
  if (failure) return { failure };
  const read = completion.safeParse(value);
  if (!read.success) return { failure: badAnswer };
  return { text: JSON.stringify({ ...read.data, model }), tokens: tokensOf(read.data) };
}

/** An error object inside a 200, in any of the shapes that back ends use, as the failure that it means. */
export function errorInside(value: unknown): ClientFailure | undefined {
  if (typeof value !== 'object' || value === null) return badAnswer;
  const { error, object, code } = value as Record<string, unknown>;
  if ((error === undefined || error === null) && object !== 'error') return undefined;
  const inner =
    typeof error === 'object' && error !== null ? (error as Record<string, unknown>)['code'] : code;
  return typeof inner === 'number' && inner >= 400 ? failureOfStatus(inner) : badAnswer;
}

export function tokensOf(answer: Readonly<Record<string, unknown>>): TokenCounts {
  const usage = answer['usage'];
  if (typeof usage !== 'object' || usage === null) return unknownTokens;
  const { prompt_tokens: prompt, completion_tokens: completionCount } = usage as Record<string, unknown>;
  return { promptTokens: countOf(prompt), completionTokens: countOf(completionCount) };
}

const countOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
