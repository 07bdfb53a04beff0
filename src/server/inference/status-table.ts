import { HybridError, type ErrorCode } from '../../errors.ts';

/** What the caller sees of a failure; the texts are ours, so that no key, host or prompt can leak through them. */
export interface ClientFailure {
  readonly status: 400 | 404 | 413 | 429 | 503;
  /** Goes to the log and the metrics, not to the caller. */
  readonly code: ErrorCode;
  readonly message: string;
  /**
   * Where the request may be sent once more while no byte of an answer reached the caller: `never` when somebody may
   * have worked on it (tokens are paid) or it is wrong itself, `elsewhere` when this back end will not serve it,
   * `anywhere` after a passing refusal.
   */
  readonly again: 'never' | 'elsewhere' | 'anywhere';
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
  again: ClientFailure['again'],
): Row => ({ from, to, status, code, message, again });

/**
 * Status of the back end → what the caller gets (docs/reference/inference.md "Status table").
 * An outage is a 503, which rotates to another node or counts as a miss; a 400 is recorded on chain as an empty
 * answer and replayed by validators (docs/reference/protocol.md "Pitfalls"), so only the request's own faults
 * become one. 524 means that the origin worked for 100 s: sending it again would pay twice.
 */
export const statusTable: readonly Row[] = [
  row(400, 400, 400, 'UPSTREAM_BAD_REQUEST', badRequest, 'never'),
  row(401, 401, 503, 'UPSTREAM_KEY_REFUSED', unavailable, 'elsewhere'),
  row(402, 402, 503, 'UPSTREAM_NO_CREDIT', unavailable, 'elsewhere'),
  row(403, 403, 503, 'UPSTREAM_KEY_REFUSED', unavailable, 'elsewhere'),
  row(404, 404, 503, 'UPSTREAM_MODEL_MISSING', unavailable, 'elsewhere'),
  row(413, 413, 413, 'UPSTREAM_BAD_REQUEST', 'The request is too large.', 'never'),
  row(422, 422, 400, 'UPSTREAM_BAD_REQUEST', badRequest, 'never'),
  row(429, 429, 429, 'UPSTREAM_RATE_LIMITED', 'Too many requests. Please try again later.', 'elsewhere'),
  row(524, 524, 503, 'UPSTREAM_TIMEOUT', unavailable, 'never'),
  row(500, 599, 503, 'UPSTREAM_UNREACHABLE', unavailable, 'anywhere'),
];

/** A 200 that is no completion (HTML, an error object, broken JSON), and every status that the table lacks. */
export const badAnswer: ClientFailure = {
  status: 503,
  code: 'UPSTREAM_BAD_ANSWER',
  message: unavailable,
  again: 'never',
};

/** No back end that is not resting serves the model. */
export const noBackEnd: ClientFailure = {
  status: 503,
  code: 'UPSTREAM_UNREACHABLE',
  message: unavailable,
  again: 'never',
};

/** Every back end's rate is used up. */
export const noTurn: ClientFailure = {
  status: 429,
  code: 'UPSTREAM_RATE_LIMITED',
  message: 'Too many requests. Please try again later.',
  again: 'never',
};

/** One of our own limits passed: first token, or the whole answer. */
export const tooSlow: ClientFailure = { ...noBackEnd, code: 'UPSTREAM_TIMEOUT' };

/** Undefined for a success. */
export function failureOfStatus(status: number): ClientFailure | undefined {
  if (status === 200) return undefined;
  return statusTable.find((entry) => status >= entry.from && status <= entry.to) ?? badAnswer;
}

/**
 * No whole answer. Only a call that was never taken is tried again: a completion is no idempotent request, and a
 * second one after a broken exchange may be paid twice.
 */
export function failureOfError(error: unknown): ClientFailure {
  const code = error instanceof HybridError ? error.code : 'UPSTREAM_BROKEN';
  return {
    status: 503,
    code,
    message: unavailable,
    again: code === 'UPSTREAM_UNREACHABLE' ? 'anywhere' : 'never',
  };
}

/**
 * As this caller has to hear it. The Network Node goes to another node after a 5xx, and hands a 4xx to the client
 * (docs/reference/protocol.md "Inference path"), so for it our own want of turns is an outage.
 */
export function statusFor(failure: ClientFailure, caller: 'networkNode' | 'direct'): number {
  return failure.status === 429 && caller === 'networkNode' ? 503 : failure.status;
}
