import type { ChatRequest } from './chat-request.ts';
import { type CompletionText, completionText, tokenLogprob } from './completion-text.ts';

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** One answer, ready to be told at once or in chunks (docs/reference/upstream.md "Responses"). */
export class CompletionAnswer {
  readonly usage: Usage;
  readonly #request: ChatRequest;
  readonly #texts: readonly CompletionText[];
  readonly #head: Record<string, unknown>;

  constructor(request: ChatRequest, createdSeconds: number) {
    this.#request = request;
    this.#texts = Array.from({ length: request.choices }, (_, index) => completionText(request, index));
    this.#head = {
      id: `chatcmpl-${request.promptHash.slice(0, 24)}`,
      created: createdSeconds,
      model: request.model,
    };
    const tokens = request.tool ? 12 : this.#texts.reduce((sum, { tokens }) => sum + tokens.length, 0);
    const prompt = request.promptTokens;
    this.usage = { prompt_tokens: prompt, completion_tokens: tokens, total_tokens: prompt + tokens };
  }

  /** The plain JSON answer. */
  whole(): Record<string, unknown> {
    const choices = this.#texts.map((text, index) => ({
      index,
      message: this.#message(text),
      finish_reason: this.#finishReason(text),
      logprobs: this.#logprobs(text.tokens),
    }));
    return { ...this.#head, object: 'chat.completion', choices, usage: this.usage };
  }

  /** Role, one chunk a token, then the finish reason, for each choice; the usage chunk last where it was asked for. */
  *chunks(): Generator<Record<string, unknown>> {
    const { tool, includeUsage } = this.#request;
    for (const [index, text] of this.#texts.entries()) {
      yield this.#chunk(index, { role: 'assistant', content: '' });
      if (tool) yield this.#chunk(index, { tool_calls: [{ index: 0, ...this.#toolCall(tool) }] });
      else {
        for (const token of text.tokens) {
          yield this.#chunk(index, { content: token.text }, { logprobs: this.#logprobs([token]) });
        }
      }
      yield this.#chunk(index, {}, { finish_reason: this.#finishReason(text) });
    }
    if (includeUsage)
      yield { ...this.#head, object: 'chat.completion.chunk', choices: [], usage: this.usage };
  }

  #chunk(index: number, delta: object, more: object = {}): Record<string, unknown> {
    const choice = { index, delta, logprobs: null, finish_reason: null, ...more };
    return { ...this.#head, object: 'chat.completion.chunk', choices: [choice] };
  }

  #message({ tokens }: CompletionText): Record<string, unknown> {
    const { tool } = this.#request;
    if (tool) return { role: 'assistant', content: null, tool_calls: [this.#toolCall(tool)] };
    return { role: 'assistant', content: tokens.map(({ text }) => text).join('') };
  }

  #finishReason({ finishReason }: CompletionText): string {
    return this.#request.tool ? 'tool_calls' : finishReason;
  }

  #toolCall(name: string): Record<string, unknown> {
    const id = `call_${this.#request.promptHash.slice(0, 12)}`;
    return { id, type: 'function', function: { name, arguments: '{}' } };
  }

  #logprobs(tokens: CompletionText['tokens']): Record<string, unknown> | null {
    const { topLogprobs, tool } = this.#request;
    if (topLogprobs === null || tool) return null;
    return { content: tokens.map((token) => tokenLogprob(token, topLogprobs)) };
  }
}
