import { HybridError, type ErrorCode } from '../../errors.ts';

/** What the caller sees of a failure; the texts are ours, so that no key, host or prompt can leak through them. */
export interface ClientFailure {
  readonly status: 400 | 404 | 413 | 429 | 503;
  /** Goes to the log and the metrics, not to the caller. */
  readonly code: ErrorCode;
  readonly message: string;
  /** Worth one more try while no byte of an answer came. */
  readonly isRetried: boolean;
}

interface Row extends ClientFailure {
  readonly from: number;
  readonly to: number;
}

const unavailable = 'The inference back end is not available. Please try again later.';
const badRequest = 'The inference back end did not accept this request.';

const row = (
  from: number,
  to: number,
  status: ClientFailure['status'],
  code: ErrorCode,
  message: string,
  isRetried = false,
): Row => ({ from, to, status, code, message, isRetried });

/**
 * Status of the back end → what the Network Node gets (docs/reference/upstream.md "Errors and status codes").
 * An outage is a 503, which rotates to another node or counts as a miss; a 400 is recorded on chain as an empty
 * answer and replayed by validators (docs/reference/protocol.md "Pitfalls"), so only the request's own faults
 * become one. 524 means that the origin worked for 100 s: sending it again would pay twice.
 */
export const statusTable: readonly Row[] = [
  row(400, 400, 400, 'UPSTREAM_BAD_REQUEST', badRequest),
  row(401, 401, 503, 'UPSTREAM_KEY_REFUSED', unavailable),
  row(402, 402, 503, 'UPSTREAM_NO_CREDIT', unavailable),
  row(403, 403, 503, 'UPSTREAM_KEY_REFUSED', unavailable),
  row(404, 404, 503, 'UPSTREAM_MODEL_MISSING', unavailable),
  row(413, 413, 413, 'UPSTREAM_BAD_REQUEST', 'The request is too large.'),
  row(422, 422, 400, 'UPSTREAM_BAD_REQUEST', badRequest),
  row(429, 429, 429, 'UPSTREAM_RATE_LIMITED', 'Too many requests. Please try again later.'),
  row(524, 524, 503, 'UPSTREAM_TIMEOUT', unavailable),
  row(500, 599, 503, 'UPSTREAM_UNREACHABLE', unavailable, true),
];

/** A 200 that is no completion (HTML, an error object, broken JSON), and every status that the table lacks. */
export const badAnswer: ClientFailure = {
  status: 503,
  code: 'UPSTREAM_BAD_ANSWER',
  message: unavailable,
  isRetried: false,
};

/** Undefined for a success. */
export function failureOfStatus(status: number): ClientFailure | undefined {
  if (status === 200) return undefined;
  return statusTable.find((entry) => status >= entry.from && status <= entry.to) ?? badAnswer;
}

/**
 * No answer at all. Only a call that was never taken is tried again: a completion is no idempotent request, and a
 * second one after a broken exchange may be paid twice.
 */
export function failureOfError(error: unknown): ClientFailure {
  const code = error instanceof HybridError ? error.code : 'UPSTREAM_BROKEN';
  return { status: 503, code, message: unavailable, isRetried: code === 'UPSTREAM_UNREACHABLE' };
}
