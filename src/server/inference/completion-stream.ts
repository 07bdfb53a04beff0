import {
  type Fields,
  isFields,
  mendChoice,
  readAnswerObject,
  textOf,
  type TokenCounts,
  tokensOf,
  unknownTokens,
} from './completion-chunk.ts';
import type { InferenceKind } from './inference-request.ts';
import { badAnswer, type ClientFailure } from './status-table.ts';

/** One chunk that was found good. */
export interface ReadChunk {
  readonly object: Fields;
  /** Its own text no longer stands for it. */
  readonly isChanged: boolean;
  /** `choices: []` and a usage: no piece of the answer. */
  readonly isUsageOnly: boolean;
}

export type Verdict = 'complete' | ClientFailure;

export const brokenOff: ClientFailure = { ...badAnswer, code: 'UPSTREAM_BROKEN' };

/**
 * Follows one streamed answer and decides how it ended. An answer is complete when every choice that began has a
 * finish reason, at `[DONE]` or at the end of the bytes, whichever comes first.
 */
export class CompletionStream {
  readonly #kind: InferenceKind;
  /** Of each choice that began, by its index: whether it has a finish reason. */
  readonly #isFinished = new Map<number, boolean>();
  #unfinished = 0;
  #spoken = 0;
  tokens: TokenCounts = unknownTokens;
  hasUsage = false;
  /** Tokens that were seen passing: log probabilities where there are any, else pieces of text. */
  seenTokens = 0;
  /** The newest chunk, for what has to be said in its manner. */
  last: Fields = {};
  /** Undefined while it runs. What follows a verdict is ignored. */
  verdict: Verdict | undefined;

  constructor(kind: InferenceKind) {
    this.#kind = kind;
  }

  /** One event's data. Undefined when it settled the verdict. */
  read(data: string): ReadChunk | undefined {
    const reading = readAnswerObject(data);
    if ('failure' in reading) return this.#fail(reading.failure);
    const { object } = reading;
    const choices = object['choices'];
    if (!Array.isArray(choices)) return this.#fail(badAnswer);
    let isChanged = false;
    for (const [place, choice] of (choices as unknown[]).entries()) {
      const mended = mendChoice(choice, this.#kind, 'delta', this.#spoken > 0);
      if (mended === 'bad') return this.#fail(badAnswer);
      if (mended === 'changed') isChanged = true;
      this.#follow(choice as Fields, place);
    }
    const { usage } = object;
    if (isFields(usage)) {
      this.tokens = tokensOf(usage);
      this.hasUsage = true;
    }
    this.last = object;
    return { object, isChanged, isUsageOnly: choices.length === 0 && isFields(usage) };
  }

  /** One more chunk of the form of one that was read, with so many bytes of text. */
  readOn(textBytes: number): void {
    if (textBytes === 0) return;
    this.#spoken += textBytes;
    this.seenTokens += 1;
  }

  /** `[DONE]`, or the end of the bytes. */
  end(): void {
    const isWhole = this.#isFinished.size > 0 && this.#unfinished === 0;
    this.verdict ??= isWhole ? 'complete' : brokenOff;
  }

  #follow(choice: Fields, place: number): void {
    const index = typeof choice['index'] === 'number' ? choice['index'] : place;
    const was = this.#isFinished.get(index);
    const isFinished = was === true || typeof choice['finish_reason'] === 'string';
    if (was !== isFinished) {
      this.#isFinished.set(index, isFinished);
      if (!isFinished) this.#unfinished += 1;
      else if (was === false) this.#unfinished -= 1;
    }
    const text = textOf(choice, this.#kind, 'delta');
    this.#spoken += text.length;
    const logprobs = choice['logprobs'];
    const content = isFields(logprobs) ? logprobs['content'] : undefined;
    if (Array.isArray(content)) this.seenTokens += content.length;
    else if (text !== '') this.seenTokens += 1;
  }

  #fail(failure: ClientFailure): undefined {
    this.verdict ??= failure;
    return undefined;
  }
}
