import { parsedJson } from '../mlnode-api/raw-body.ts';
import { isFields } from './completion-chunk.ts';
import type { InferenceRequest } from './inference-request.ts';

export interface StatedUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/**
 * Usage for an answer whose back end states none. `completionTokens` is what was seen passing. The prompt is counted
 * in words, which no tokenizer undercuts: a lower bound, because a claim above the truth makes an inference invalid
 * (docs/reference/inference.md "Usage"). In the books it stands for caps only.
 */
export function estimatedUsage(request: InferenceRequest, completionTokens: number): StatedUsage {
  const prompt = parsedJson(
    request.fields.raw(request.kind === 'chat' ? 'messages' : 'prompt') ?? 'null',
  )?.value;
  const promptTokens = Math.max(1, wordsOf(prompt));
  const completion = Math.max(1, completionTokens);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completion,
    total_tokens: promptTokens + completion,
  };
}

/** The same for the caps of the books. */
export function seenUsage(
  request: InferenceRequest,
  completionTokens: number,
): { readonly promptTokens: number; readonly completionTokens: number } {
  const { prompt_tokens: promptTokens } = estimatedUsage(request, completionTokens);
  return { promptTokens, completionTokens };
}

/** Of a text, a list of texts or of token ids, or messages with text or parts as content. */
function wordsOf(value: unknown): number {
  if (typeof value === 'string') return value.match(/\S+/g)?.length ?? 0;
  if (typeof value === 'number') return 1;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + wordsOf(item), 0);
  return isFields(value) ? wordsOf(value['content'] ?? value['text']) : 0;
}
