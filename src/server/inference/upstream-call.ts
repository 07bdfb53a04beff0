import type { Upstream, UpstreamAnswer } from '../../adapters/upstream/interface.ts';
import { type ClientFailure, failureOfError, failureOfStatus } from './status-table.ts';

/** An answer whose head is a success, or what the caller is told instead. */
export type UpstreamOutcome =
  | {
      readonly answer: UpstreamAnswer;
      /** Lets the connection go when the body was not read to its end; harmless otherwise. */
      release(): void;
    }
  | { readonly failure: ClientFailure; readonly retryAfterSeconds: number | null };

/** Every retry of a completion costs tokens. */
const attemptsMax = 2;

/**
 * Sends one completion; tries again once, and only when no byte of an answer came and the failure says so. `signal`
 * cancels in every phase, the body of the answer included. Rejects only when `signal` is aborted.
 */
export async function callUpstream(
  upstream: Upstream,
  body: string,
  signal: AbortSignal,
): Promise<UpstreamOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOnce(upstream, body, signal);
    if ('answer' in outcome || !outcome.failure.isRetried || attempt >= attemptsMax) return outcome;
  }
}

async function attemptOnce(upstream: Upstream, body: string, signal: AbortSignal): Promise<UpstreamOutcome> {
  // A body that is never read holds its connection until the call's own signal is aborted.
  const attempt = new AbortController();
  const either = AbortSignal.any([signal, attempt.signal]);
  try {
    const answer = await upstream.complete({ path: '/chat/completions', body, signal: either });
    const failure = failureOfStatus(answer.status);
    if (!failure) return { answer, release: () => attempt.abort() };
    attempt.abort();
    return { failure, retryAfterSeconds: answer.retryAfterSeconds };
  } catch (error) {
    signal.throwIfAborted();
    return { failure: failureOfError(error), retryAfterSeconds: null };
  }
}

const answerBytesMax = 32 * 1024 * 1024;

/** A whole body as text. Throws what its iteration throws, and a RangeError beyond 32 MiB. */
export async function collectBody(body: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > answerBytesMax) throw new RangeError('answer too large');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
