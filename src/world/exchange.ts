/**
 * One HTTP exchange with a neighbour, without the wire. Neighbours are written once in these terms; the sandbox
 * serves them over real HTTP, the simulated adapters call them directly.
 */
export interface WorldRequest {
  readonly method: string;
  /** Path and query exactly as sent. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Aborted when the caller hangs up. */
  readonly signal?: AbortSignal;
}

export interface WorldResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text at once, or pieces over time (a stream of server-sent events). A throw while iterating = the connection breaks. */
  readonly body: string | AsyncIterable<string>;
}

/**
 * A response, or what a caller sees when there is none: `drop` closes the socket unanswered (whatever was done
 * stays done), `hang` never answers.
 */
export type WorldOutcome = WorldResponse | 'drop' | 'hang';

/** A call that a neighbour makes itself (the Network Node to an ML node, an ML node to its callback URL). */
export interface WorldCall extends Omit<WorldRequest, 'path'> {
  readonly url: string;
  /** Limit of real I/O, so never scaled by a sandbox's speed; absent = none, as some of the real programs have none. */
  readonly timeoutMs?: number;
}
/** What came back to such a call. */
export interface WorldAnswer {
  readonly status: number;
  /** Lower-case names; absent where the transport does not keep them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}
/** Rejects with any error when there is no complete answer (refused, reset, timed out). */
export type Outbound = (call: WorldCall) => Promise<WorldAnswer>;

export const json = (status: number, value: unknown): WorldResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
export const text = (status: number, body: string, contentType = 'text/plain'): WorldResponse => ({
  status,
  headers: { 'content-type': contentType },
  body,
});
