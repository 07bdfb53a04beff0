import { type Answer, answerBytesMax } from './answer.ts';
import type { CallerReply } from './caller-reply.ts';
import { CompletionAggregate } from './completion-aggregate.ts';
import { CompletionStream } from './completion-stream.ts';
import type { InferenceRequest } from './inference-request.ts';
import { asLatin1 } from './restored-model.ts';
import { SseParser } from './sse-parser.ts';
import { badAnswer } from './status-table.ts';
import { estimatedUsage } from './usage-estimate.ts';

export interface WholeAnswerOptions {
  readonly request: InferenceRequest;
  /** The id that stands in the answer. */
  readonly model: string;
  readonly reply: CallerReply;
}

/** A stream for a caller who asked for a plain answer. */
export class AggregateAnswer implements Answer {
  readonly #options: WholeAnswerOptions;
  readonly #stream: CompletionStream;
  readonly #aggregate: CompletionAggregate;
  readonly #parser = new SseParser();
  #bytes = 0;
  #isTold = false;

  constructor(options: WholeAnswerOptions) {
    this.#options = options;
    this.#stream = new CompletionStream(options.request.kind);
    this.#aggregate = new CompletionAggregate(options.request.kind);
  }

  get verdict(): CompletionStream['verdict'] {
    return this.#stream.verdict;
  }
  get tokens(): CompletionStream['tokens'] {
    return this.#stream.tokens;
  }
  get seenTokens(): number {
    return this.#stream.seenTokens;
  }

  push(bytes: Buffer): boolean {
    this.#bytes += bytes.length;
    if (this.#bytes > answerBytesMax) this.#stream.verdict ??= badAnswer;
    this.#take(() => this.#parser.push(bytes));
    return true;
  }

  end(): void {
    this.#take(() => this.#parser.end());
    this.#stream.end();
    this.#tell();
  }

  #take(read: () => readonly string[]): void {
    try {
      for (const event of read()) {
        if (this.#stream.verdict !== undefined) break;
        if (event === '[DONE]') this.#stream.end();
        else {
          const chunk = this.#stream.read(event);
          if (chunk !== undefined) this.#aggregate.add(chunk.object);
        }
      }
    } catch {
      this.#stream.verdict ??= badAnswer;
    }
    this.#tell();
  }

  #tell(): void {
    if (this.#stream.verdict !== 'complete' || this.#isTold) return;
    this.#isTold = true;
    const { request, model, reply } = this.#options;
    const stands = this.#stream.hasUsage ? undefined : estimatedUsage(request, this.#stream.seenTokens);
    reply.whole(asLatin1(JSON.stringify(this.#aggregate.whole(model, stands))));
  }
}
