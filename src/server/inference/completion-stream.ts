import { z } from 'zod';
import { parsedJson } from '../mlnode-api/raw-body.ts';
import { errorInside, type TokenCounts, tokensOf, unknownTokens } from './completion-answer.ts';
import { badAnswer, type ClientFailure } from './status-table.ts';

const chunk = z.looseObject({
  choices: z.array(z.looseObject({ finish_reason: z.string().nullish() })),
});

const truncated: ClientFailure = { ...badAnswer, code: 'UPSTREAM_BROKEN' };

/**
 * One streamed answer in the dialect that the Network Node reads (docs/reference/protocol.md "Inference path"):
 * nothing but `data: {object}` lines, `model` restored. Decides how it ended; the caller writes `[DONE]`, and only
 * after `complete`.
 */
export class CompletionStream {
  readonly #model: string;
  #hasFinishReason = false;
  tokens: TokenCounts = unknownTokens;
  /** Undefined while it runs. What follows a verdict is ignored. */
  verdict: 'complete' | ClientFailure | undefined;

  constructor(model: string) {
    this.#model = model;
  }

  /** Takes the data of events, in order; returns the lines to pass on. */
  take(events: readonly string[]): string {
    let lines = '';
    for (const data of events) {
      if (this.verdict !== undefined) break;
      if (data === '[DONE]') this.end();
      else lines += this.#chunk(data);
    }
    return lines;
  }

  /** Upstream ended, with or without its `[DONE]`: an answer without a finish reason was cut short. */
  end(): void {
    this.verdict ??= this.#hasFinishReason ? 'complete' : truncated;
  }

  #chunk(data: string): string {
    const value = parsedJson(data)?.value;
    const failure = errorInside(value);
    const read = chunk.safeParse(value);
    if (failure || !read.success) {
      this.verdict = failure ?? badAnswer;
      return '';
    }
    if (read.data.choices.some((choice) => typeof choice.finish_reason === 'string'))
      this.#hasFinishReason = true;
    if (typeof read.data['usage'] === 'object' && read.data['usage'] !== null)
      this.tokens = tokensOf(read.data);
    return `data: ${JSON.stringify({ ...read.data, model: this.#model })}\n\n`;
  }
}
