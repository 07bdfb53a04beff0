import { parsedJson } from '../mlnode-api/raw-body.ts';
import type { InferenceKind } from './inference-request.ts';
import { badAnswer, type ClientFailure, failureOfStatus } from './status-table.ts';

/** Tokens as the back end counted them; null where it stated none. */
export interface TokenCounts {
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
}

export const unknownTokens: TokenCounts = { promptTokens: null, completionTokens: null };

export type Fields = Record<string, unknown>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object in a piece of an answer, or the failure that it means. */
export function readAnswerObject(
  text: string,
): { readonly object: Fields } | { readonly failure: ClientFailure } {
  const parsed = parsedJson(text);
  if (parsed === undefined) return { failure: errorWithin(text) };
  if (!isFields(parsed.value)) return { failure: badAnswer };
  const failure = errorInside(parsed.value);
  return failure ? { failure } : { object: parsed.value };
}

/** Back ends mix text and an error object in one piece; the object says what happened. */
function errorWithin(text: string): ClientFailure {
  const start = text.indexOf('{');
  const inner = start > 0 ? parsedJson(text.slice(start, text.lastIndexOf('}') + 1))?.value : undefined;
  return (isFields(inner) ? errorInside(inner) : undefined) ?? badAnswer;
}

/** An error object inside a 200, in any of the shapes that back ends use, as the failure that it means. */
function errorInside({ error, object, code }: Fields): ClientFailure | undefined {
  if ((error === undefined || error === null) && object !== 'error') return undefined;
  const inner = isFields(error) ? error['code'] : code;
  return typeof inner === 'number' && inner >= 400 ? failureOfStatus(inner) : badAnswer;
}

export function tokensOf(usage: Fields): TokenCounts {
  return {
    promptTokens: countOf(usage['prompt_tokens']),
    completionTokens: countOf(usage['completion_tokens']),
  };
}

const countOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;

/** The reasons that OpenAI's clients know. */
const finishReasons: ReadonlySet<unknown> = new Set([
  'stop',
  'length',
  'tool_calls',
  'content_filter',
  'function_call',
]);
/** What an engine says when it gave up in the middle. */
const givenUp: ReadonlySet<unknown> = new Set(['abort', 'error']);

/** `bad`: no choice of a completion. `changed`: mended in place, so its own text no longer stands for it. */
export type ChoiceReading = 'fine' | 'changed' | 'bad';

/**
 * Looks at one choice, of a chunk or of a whole answer, and mends what the Network Node cannot decode
 * (docs/reference/protocol.md "Chat answer"). `hasText` says whether text came before it.
 */
export function mendChoice(
  choice: unknown,
  kind: InferenceKind,
  part: 'delta' | 'message',
  hasText: boolean,
): ChoiceReading {
  if (!isFields(choice)) return 'bad';
  let isChanged = false;
  const text = mendText(choice, kind, part);
  if (text === 'bad') return 'bad';
  if (text === 'changed') isChanged = true;
  const reason = choice['finish_reason'];
  if (reason !== undefined && reason !== null && !finishReasons.has(reason)) {
    const isSpoken = hasText || textOf(choice, kind, part) !== '';
    if (typeof reason !== 'string' || givenUp.has(reason) || !isSpoken) return 'bad';
    choice['finish_reason'] = 'stop';
    isChanged = true;
  }
  if (typeof choice['stop_reason'] === 'number') {
    choice['stop_reason'] = String(choice['stop_reason']);
    isChanged = true;
  }
  return isChanged ? 'changed' : 'fine';
}

function mendText(choice: Fields, kind: InferenceKind, part: 'delta' | 'message'): ChoiceReading {
  if (kind === 'text') {
    if (typeof choice['text'] === 'string') return 'fine';
    if (choice['text'] !== null && (part === 'message' || choice['text'] !== undefined)) return 'bad';
    choice['text'] = '';
    return 'changed';
  }
  const told = choice[part];
  if (!isFields(told)) {
    if (part === 'message' || (told !== null && told !== undefined)) return 'bad';
    choice['delta'] = {};
    return 'changed';
  }
  const content = told['content'];
  if (content === undefined || content === null || typeof content === 'string') return 'fine';
  if (!Array.isArray(content)) return 'bad';
  told['content'] = content
    .map((piece: unknown) => (isFields(piece) ? stringOf(piece['text']) : ''))
    .join('');
  return 'changed';
}

/** The visible text of a choice. */
export function textOf(choice: Fields, kind: InferenceKind, part: 'delta' | 'message'): string {
  if (kind === 'text') return stringOf(choice['text']);
  const told = choice[part];
  return isFields(told) ? stringOf(told['content']) : '';
}

const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');
