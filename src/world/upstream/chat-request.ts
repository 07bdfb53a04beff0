import { hash } from 'node:crypto';
import type { WorldResponse } from '../exchange.ts';
import { json } from '../exchange.ts';
import { type FieldError, parseBody, unprocessable } from '../fastapi-answer.ts';

/** A chat request as this back end understood it. The prompt itself is not kept, only its hash and its length. */
export interface ChatRequest {
  readonly model: string;
  readonly isStream: boolean;
  readonly includeUsage: boolean;
  readonly maxTokens: number;
  readonly choices: number;
  readonly stops: readonly string[];
  /** `null` when no log probabilities were asked for, else how many alternatives. */
  readonly topLogprobs: number | null;
  /** Name of the function to call, when tools were given and `tool_choice` is not its default `none`. */
  readonly tool: string | null;
  readonly promptHash: string;
  readonly promptTokens: number;
}

export interface ChatDialect {
  /** Both token limits at once are a 400, as at several providers (docs/reference/protocol.md "Pitfalls"). */
  readonly rejectsBothMaxTokens: boolean;
  /** Fields that the schema does not name: usually ignored, a 422 is possible; unconfirmed at Hyperbolic. */
  readonly rejectsUnknownFields: boolean;
  /** Whether `stream_options.include_usage` is honoured; it is not in the published schema. */
  readonly knowsStreamOptions: boolean;
}

/** The published schema (docs/reference/upstream.md "Chat request"). */
const schemaFields = new Set(
  `model messages max_tokens temperature top_p top_k min_p repetition_penalty frequency_penalty presence_penalty n stop
   seed logit_bias user logprobs top_logprobs stream tools tool_choice`.split(/\s+/),
);
/** Outside the schema, yet part of the dialect that this world may know. */
const dialectFields = new Set(['stream_options', 'max_completion_tokens']);

/** Reads a body, or gives the refusal. */
export function readChatRequest(
  headers: Readonly<Record<string, string>>,
  body: string,
  dialect: ChatDialect,
): ChatRequest | WorldResponse {
  const parsed = parseBody(headers['content-type'], body);
  if ('refused' in parsed) return parsed.refused;
  const fields = asObject(parsed.value);
  if (!fields)
    return unprocessable([fault([], 'Input should be a valid dictionary', 'model_attributes_type')]);
  const errors = fieldErrors(fields, dialect);
  if (errors.length > 0) return unprocessable(errors);
  if (
    dialect.rejectsBothMaxTokens &&
    isGiven(fields['max_tokens']) &&
    isGiven(fields['max_completion_tokens'])
  ) {
    return badRequest('max_tokens and max_completion_tokens cannot both be set');
  }
  return understood(fields, dialect);
}

/** vLLM's own error shape. */
export function badRequest(message: string): WorldResponse {
  return json(400, { object: 'error', message, type: 'BadRequestError', param: null, code: 400 });
}

function understood(fields: Record<string, unknown>, dialect: ChatDialect): ChatRequest {
  const prompt = JSON.stringify(fields['messages']);
  const model = String(fields['model']);
  const stop = fields['stop'];
  return {
    model,
    isStream: fields['stream'] === true,
    includeUsage:
      dialect.knowsStreamOptions && asObject(fields['stream_options'])?.['include_usage'] === true,
    maxTokens: Number(fields['max_tokens'] ?? fields['max_completion_tokens'] ?? 512),
    choices: Number(fields['n'] ?? 1),
    stops: typeof stop === 'string' ? [stop] : Array.isArray(stop) ? stop.map(String) : [],
    topLogprobs: fields['logprobs'] === true ? Number(fields['top_logprobs'] ?? 0) : null,
    tool: toolToCall(fields),
    promptHash: hash('sha256', JSON.stringify([model, fields['seed'] ?? null, prompt]), 'hex'),
    promptTokens: Math.max(1, Math.ceil(prompt.length / 4)),
  };
}

function fieldErrors(fields: Record<string, unknown>, dialect: ChatDialect): FieldError[] {
  const errors: FieldError[] = [];
  if (!Array.isArray(fields['messages'])) {
    errors.push(fault(['messages'], 'Field required', 'missing'));
  } else if (fields['messages'].length === 0) {
    errors.push(fault(['messages'], 'List should have at least 1 item', 'too_short'));
  }
  if (typeof fields['model'] !== 'string')
    errors.push(fault(['model'], 'Input should be a valid string', 'string_type'));
  for (const name of ['max_tokens', 'max_completion_tokens', 'n', 'top_logprobs', 'seed']) {
    if (isGiven(fields[name]) && !Number.isInteger(fields[name])) {
      errors.push(fault([name], 'Input should be a valid integer', 'int_type'));
    }
  }
  if (Number(fields['top_logprobs'] ?? 0) > 20) {
    errors.push(fault(['top_logprobs'], 'Input should be less than or equal to 20', 'less_than_equal'));
  }
  if (isGiven(fields['top_logprobs']) && fields['logprobs'] !== true) {
    errors.push(fault(['top_logprobs'], 'top_logprobs requires logprobs', 'value_error'));
  }
  if (dialect.rejectsUnknownFields) {
    for (const name of Object.keys(fields)) {
      const isKnown = schemaFields.has(name) || dialectFields.has(name);
      if (!isKnown) errors.push(fault([name], 'Extra inputs are not permitted', 'extra_forbidden'));
    }
  }
  return errors;
}

/** With the default `none` tools are never called; `auto` and `required` call the first one here. */
function toolToCall(fields: Record<string, unknown>): string | null {
  const choice = fields['tool_choice'] ?? 'none';
  if (choice === 'none' || !Array.isArray(fields['tools'])) return null;
  const [first] = fields['tools'] as unknown[];
  const named =
    asObject(asObject(choice)?.['function'])?.['name'] ?? asObject(asObject(first)?.['function'])?.['name'];
  return typeof named === 'string' ? named : null;
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

const fault = (loc: readonly string[], msg: string, type: string): FieldError => ({
  type,
  loc: ['body', ...loc],
  msg,
});

function asObject(value: unknown): Record<string, unknown> | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : undefined;
}
