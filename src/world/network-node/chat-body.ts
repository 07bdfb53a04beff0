/**
 * A client's chat request as the Network Node hands it to an ML node (docs/reference/protocol.md "Chat body"): log
 * probabilities forced on, both token limits, a seed, special tokens kept, keys in alphabetical order.
 */
export function chatBody(
  client: Readonly<Record<string, unknown>>,
  inferenceSeed: number,
): Record<string, unknown> {
  const maxTokens = client['max_tokens'] ?? client['max_completion_tokens'] ?? 5_000;
  const topLogprobs = client['top_logprobs'];
  const isStream = client['stream'] === true;
  return sorted({
    ...client,
    logprobs: true,
    top_logprobs: typeof topLogprobs === 'number' && topLogprobs > 5 ? topLogprobs : 5,
    max_tokens: maxTokens,
    max_completion_tokens: maxTokens,
    seed: client['seed'] ?? inferenceSeed,
    skip_special_tokens: false,
    ...(isStream ? { stream_options: { ...asObject(client['stream_options']), include_usage: true } } : {}),
  });
}

/** Go marshals maps with their keys in order, at every depth. */
function sorted(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = Object.keys(value).toSorted();
  return Object.fromEntries(names.map((name) => [name, sortedValue(value[name])]));
}

function sortedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedValue);
  return typeof value === 'object' && value !== null ? sorted({ ...value }) : value;
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
