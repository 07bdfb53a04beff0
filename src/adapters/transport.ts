/**
 * The wire, as seen by every adapter that speaks HTTP. The HTTP form of an adapter parses and classifies; how the
 * bytes travel is a `Transport`: ofetch in production, the ML node's port behind an SSH tunnel, or the world's own
 * request handler in the simulation. So the simulated form of an adapter runs the same parsing code.
 */
export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Absolute URL. Never carries a secret: keys travel in headers, which are never logged. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is; set `content-type` beside it. */
  readonly body?: string | Uint8Array;
  /** Limit of the whole exchange, in real (unscaled) milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface WireResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Resolves with whatever the peer answered, any status. Rejects with a `HybridError` WIRE_REFUSED (nothing was
 * sent), WIRE_TIMEOUT or WIRE_BROKEN (the request may have taken effect), or ABORTED (the caller's signal).
 * Never follows redirects, never retries.
 */
export type Transport = (request: WireRequest) => Promise<WireResponse>;
