import type { WorldClock } from '../clock.ts';
import type { CompletionAnswer } from './completion-answer.ts';
import { pause } from './pause.ts';
import type { ServedModel } from './served-model.ts';
import type { UpstreamBooks } from './upstream-books.ts';

interface StreamOptions {
  readonly answer: CompletionAnswer;
  readonly served: ServedModel;
  readonly clock: WorldClock;
  readonly books: UpstreamBooks;
  /** World milliseconds until the first token, and between tokens. */
  readonly firstTokenMs: number;
  readonly tokenMs: number;
  readonly stalls: boolean;
  readonly endsWithoutDone: boolean;
  readonly errorChunk: boolean;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
}

type End = 'told' | 'failed' | 'aborted';

/** One answer as server-sent events in world time; whatever way it ends is booked once. */
export class CompletionStream implements AsyncIterable<string> {
  readonly #options: StreamOptions;
  #tokens = 0;
  constructor(options: StreamOptions) {
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    // A caller that leaves the iteration ends it here, without an exception.
    let end: End = 'aborted';
    try {
      end = yield* this.#events();
    } finally {
      this.#book(end);
    }
  }

  async *#events(): AsyncGenerator<string, End> {
    const { answer, clock, signal, firstTokenMs, tokenMs, stalls, errorChunk, endsWithoutDone } =
      this.#options;
    const chunks = [...answer.chunks()];
    const middle = Math.floor(chunks.length / 2);
    for (const [index, chunk] of chunks.entries()) {
      const delayMs = index === 0 ? firstTokenMs : tokenMs;
      if (!(await pause(clock, delayMs, signal))) return 'aborted';
      if (index === middle && stalls) return (await pause(clock, Infinity, signal)) ? 'failed' : 'aborted';
      if (index === middle && errorChunk) {
        yield event({
          object: 'error',
          message: 'engine died',
          type: 'InternalServerError',
          param: null,
          code: 500,
        });
        return 'failed';
      }
      yield event(chunk);
      this.#tokens = Math.min(index, answer.usage.completion_tokens);
    }
    if (endsWithoutDone) return 'failed';
    yield 'data: [DONE]\n\n';
    return 'told';
  }

  #book(end: End): void {
    const { answer, books, served } = this.#options;
    if (end === 'told') return books.told(true, served, answer.usage);
    if (end === 'failed') books.failed += 1;
    else books.abortedByClient += 1;
    books.charge(served, answer.usage.prompt_tokens, this.#tokens);
  }
}

const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
