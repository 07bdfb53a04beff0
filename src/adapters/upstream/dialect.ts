/** What one back end takes; mapping a request needs nothing else of it. */
export interface UpstreamDialect {
  readonly name: 'hyperbolic' | 'openai' | 'vllm';
  /** Fields that are passed on; `model`, `stream` and the token limit are set apart. Null: all of them. */
  readonly fields: ReadonlySet<string> | null;
  /** Whether `stream_options` is in the schema there, until a probe knows better. */
  readonly knowsStreamOptions: boolean;
  /** Highest `top_logprobs` there. */
  readonly topLogprobsLimit: number;
  /** What an absent `tool_choice` means there; `none` has to be overruled for callers who sent tools. */
  readonly toolChoiceDefault: 'auto' | 'none';
  /** Whether a `seed` may be negative there. The Network Node's are 32-bit integers of either sign. */
  readonly takesNegativeSeed: boolean;
}

const openAiFields =
  `messages prompt suffix echo best_of temperature top_p frequency_penalty presence_penalty n stop
  seed logit_bias user logprobs top_logprobs tools tool_choice`.split(/\s+/);

/** docs/reference/upstream.md "Chat request"; `stream_options` is not in its schema. */
export const hyperbolicDialect: UpstreamDialect = {
  name: 'hyperbolic',
  fields: new Set([...openAiFields, 'top_k', 'min_p', 'repetition_penalty']),
  knowsStreamOptions: false,
  topLogprobsLimit: 20,
  toolChoiceDefault: 'none',
  takesNegativeSeed: true,
};

/** OpenAI's own schema, as most compatible APIs read it. */
export const openAiDialect: UpstreamDialect = {
  name: 'openai',
  fields: new Set([...openAiFields, 'response_format', 'parallel_tool_calls', 'reasoning_effort']),
  knowsStreamOptions: true,
  topLogprobsLimit: 20,
  toolChoiceDefault: 'auto',
  takesNegativeSeed: true,
};

/** A vLLM of the network's own: it takes every field, token ids and enforced tokens included. */
export const vllmDialect: UpstreamDialect = {
  ...openAiDialect,
  name: 'vllm',
  fields: null,
};
