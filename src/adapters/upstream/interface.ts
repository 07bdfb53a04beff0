/** A model as the back end lists it; prices in dollars per million tokens when it states them. */
export interface UpstreamModel {
  readonly id: string;
  readonly contextLength: number | null;
  readonly inputUsdPerMillion: number | null;
  readonly outputUsdPerMillion: number | null;
}

export interface UpstreamRequest {
  readonly path: '/chat/completions' | '/completions';
  /** The body as it goes out, already mapped to what this back end takes. */
  readonly body: string;
  readonly signal: AbortSignal;
}

/** The head of an answer; its bytes follow as they arrive. Leaving the iteration early cancels upstream. */
export interface UpstreamAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfterSeconds: number | null;
  readonly body: AsyncIterable<Buffer>;
}

/** An OpenAI-compatible inference API. */
export interface Upstream {
  readonly name: string;
  /** `GET {base}/v1/models`. Throws UPSTREAM_UNREACHABLE, UPSTREAM_KEY_REFUSED, UPSTREAM_BAD_ANSWER. */
  models(signal: AbortSignal): Promise<readonly UpstreamModel[]>;
  /**
   * Sends one request. Resolves at the answer's head, whatever its status (the gateway maps statuses by its table).
   * Throws UPSTREAM_UNREACHABLE, UPSTREAM_TIMEOUT, UPSTREAM_BROKEN, ABORTED. The body's iteration may throw
   * UPSTREAM_BROKEN or UPSTREAM_TIMEOUT.
   */
  complete(request: UpstreamRequest): Promise<UpstreamAnswer>;
}
