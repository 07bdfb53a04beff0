import type { TokenCounts } from './completion-chunk.ts';
import type { Verdict } from './completion-stream.ts';

/** The answer of one back end on its way to the caller, in the form that the caller asked for. */
export interface Answer {
  /** Undefined while it runs; `complete` only once the caller was given everything. */
  readonly verdict: Verdict | undefined;
  readonly tokens: TokenCounts;
  /** Tokens of the answer that passed, where the back end states no count. */
  readonly seenTokens: number;
  /** False asks for a pause: the caller does not read. */
  push(bytes: Buffer): boolean;
  /** The bytes are over; there is a verdict after this. */
  end(): void;
}

/** An answer that has to be whole before it can be told stays under this. */
export const answerBytesMax = 32 * 1024 * 1024;
