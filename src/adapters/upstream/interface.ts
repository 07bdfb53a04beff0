import type { HybridError } from '../../errors.ts';

/** A model as the back end lists it; prices in dollars per million tokens when it states them. */
export interface UpstreamModel {
  readonly id: string;
  readonly contextLength: number | null;
  readonly inputUsdPerMillion: number | null;
  readonly outputUsdPerMillion: number | null;
}

/** One completion on its way out. */
export interface UpstreamSending {
  readonly path: '/chat/completions' | '/completions';
  /** The body as it goes out, already mapped to what this back end takes; bytes where it goes out as it came. */
  readonly body: string | Buffer;
}

export interface UpstreamRequest extends UpstreamSending {
  readonly signal: AbortSignal;
}

export interface UpstreamHead {
  readonly status: number;
  /** Empty when the back end stated none. */
  readonly contentType: string;
  readonly retryAfterSeconds: number | null;
}

/** The head of an answer; its bytes follow as they arrive. Leaving the iteration early cancels upstream. */
export interface UpstreamAnswer extends UpstreamHead {
  readonly body: AsyncIterable<Buffer>;
}

/**
 * Who takes an answer as it arrives, without a promise a piece. Called in the order head, data…, then either end or
 * failed, once; never during the call of `exchange` itself, and nothing any more after `abort`.
 */
export interface UpstreamReceiver {
  /** Whatever the status. */
  head(head: UpstreamHead): void;
  /** `false` asks for a pause until `resume`; what is under way may still come. The bytes are the receiver's. */
  data(bytes: Buffer): boolean;
  end(): void;
  /** UPSTREAM_UNREACHABLE, UPSTREAM_TIMEOUT, UPSTREAM_BROKEN. */
  failed(error: HybridError): void;
}

/** A running exchange, in the sender's hands. Both may be called at any time, any number of times. */
export interface UpstreamExchange {
  resume(): void;
  /** Closes the connection of a request whose answer is not complete. */
  abort(): void;
}

/** An OpenAI-compatible inference API. */
export interface Upstream {
  readonly name: string;
  /** `GET {base}/v1/models`. Throws UPSTREAM_UNREACHABLE, UPSTREAM_KEY_REFUSED, UPSTREAM_BAD_ANSWER. */
  models(signal: AbortSignal): Promise<readonly UpstreamModel[]>;
  /** Sends one request and hands its answer on as it comes. Never throws: every failure goes to the receiver. */
  exchange(request: UpstreamSending, receiver: UpstreamReceiver): UpstreamExchange;
  /**
   * The same for whoever has time to wait. Resolves at the answer's head, whatever its status.
   * Throws UPSTREAM_UNREACHABLE, UPSTREAM_TIMEOUT, UPSTREAM_BROKEN, ABORTED. The body's iteration may throw
   * UPSTREAM_BROKEN, UPSTREAM_TIMEOUT or ABORTED.
   */
  complete(request: UpstreamRequest): Promise<UpstreamAnswer>;
}
