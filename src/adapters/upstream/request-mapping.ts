import { HybridError } from '../../errors.ts';

/** What one back end takes; the only difference between back ends. */
export interface UpstreamDialect {
  /** Fields that are copied; `model`, `stream` and the token limit are set apart. */
  readonly fields: ReadonlySet<string>;
  /** Whether `stream_options` is known there. */
  readonly knowsStreamOptions: boolean;
  /** Highest `top_logprobs` there. */
  readonly topLogprobsLimit: number;
  /** What an absent `tool_choice` means there; `none` has to be overruled for callers who sent tools. */
  readonly toolChoiceDefault: 'auto' | 'none';
}

const openAiFields =
  `messages temperature top_p frequency_penalty presence_penalty n stop seed logit_bias user logprobs
  top_logprobs tools tool_choice`.split(/\s+/);

/** docs/reference/upstream.md "Chat request"; `stream_options` is not in its schema. */
export const hyperbolicDialect: UpstreamDialect = {
  fields: new Set([...openAiFields, 'top_k', 'min_p', 'repetition_penalty']),
  knowsStreamOptions: false,
  topLogprobsLimit: 20,
  toolChoiceDefault: 'none',
};

/** OpenAI's own schema, as most compatible APIs read it. */
export const openAiDialect: UpstreamDialect = {
  fields: new Set([...openAiFields, 'response_format', 'parallel_tool_calls', 'reasoning_effort']),
  knowsStreamOptions: true,
  topLogprobsLimit: 20,
  toolChoiceDefault: 'auto',
};

export interface MappedRequest {
  /** What goes out. */
  readonly body: string;
  /** What the caller asked for, to shape the answer by. */
  readonly asked: {
    readonly model: string | null;
    readonly isStream: boolean;
    readonly includesUsage: boolean;
    /** A validation replay (`enforced_str`, `enforced_tokens`), which no hosted API can answer. */
    readonly isEnforced: boolean;
  };
}

export interface MappingOptions {
  readonly dialect: UpstreamDialect;
  /** The back end's id of the model. */
  readonly model: string;
  /** Ask for a stream whatever the caller wanted. */
  readonly forceStream?: boolean;
}

/**
 * A caller's chat body as this back end takes it: allowed fields only, both token limits folded into `max_tokens`,
 * the model replaced. Integers beyond 2^53 (a `seed`) keep their digits. Throws REQUEST_NOT_JSON, REQUEST_INVALID.
 */
export function mapChatRequest(body: string, options: MappingOptions): MappedRequest {
  const fields = losslessObject(body);
  if (!Array.isArray(fields['messages']) || fields['messages'].length === 0) {
    throw new HybridError({ code: 'REQUEST_INVALID', message: 'messages: a non-empty list is due' });
  }
  const { dialect } = options;
  const isStream = fields['stream'] === true;
  const streamOptions = fields['stream_options'];
  const mapped: Record<string, unknown> = { model: options.model };
  for (const [name, value] of Object.entries(fields)) {
    if (dialect.fields.has(name) && value !== null) mapped[name] = value;
  }
  const maxTokens = fields['max_tokens'] ?? fields['max_completion_tokens'];
  if (maxTokens !== undefined && maxTokens !== null) mapped['max_tokens'] = maxTokens;
  if (isStream || options.forceStream) {
    mapped['stream'] = true;
    if (dialect.knowsStreamOptions) mapped['stream_options'] = streamOptionsDue(streamOptions, isStream);
  }
  limitLogprobs(mapped, dialect);
  if (dialect.toolChoiceDefault === 'none' && mapped['tools'] !== undefined) mapped['tool_choice'] ??= 'auto';
  return {
    body: JSON.stringify(mapped),
    asked: {
      model: typeof fields['model'] === 'string' ? fields['model'] : null,
      isStream,
      includesUsage: isObject(streamOptions) && streamOptions['include_usage'] === true,
      isEnforced: fields['enforced_str'] !== undefined || fields['enforced_tokens'] !== undefined,
    },
  };
}

/** A forced stream needs its usage for the plain answer that it becomes. */
function streamOptionsDue(asked: unknown, isStream: boolean): unknown {
  if (!isStream) return { include_usage: true };
  return isObject(asked) ? asked : undefined;
}

/** `top_logprobs` is an error there without `logprobs`, and beyond the limit. */
function limitLogprobs(mapped: Record<string, unknown>, dialect: UpstreamDialect): void {
  const top = mapped['top_logprobs'];
  if (mapped['logprobs'] !== true) delete mapped['top_logprobs'];
  else if (typeof top === 'number') mapped['top_logprobs'] = Math.min(top, dialect.topLogprobsLimit);
}

/** ES2025's access to the source text of a number; Node 24 has it, TypeScript's library not yet. */
const { rawJSON: rawJson } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };
type SourceReviver = (key: string, value: unknown, context?: { source?: string }) => unknown;

function losslessObject(body: string): Record<string, unknown> {
  const keepDigits: SourceReviver = (_, value, context) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? rawJson(context?.source ?? '')
      : value;
  let value: unknown;
  try {
    value = JSON.parse(body, keepDigits);
  } catch {
    throw new HybridError({ code: 'REQUEST_NOT_JSON', message: 'the body is no JSON' });
  }
  if (!isObject(value))
    throw new HybridError({ code: 'REQUEST_NOT_JSON', message: 'the body is no JSON object' });
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
