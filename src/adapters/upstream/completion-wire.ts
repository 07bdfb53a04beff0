import { type Dispatcher, Pool } from 'undici';
import type { Dialer } from '../ssh/interface.ts';
import { type ErrorCode, HybridError } from '../../errors.ts';
import { wireError } from '../ofetch-transport.ts';
import { answerHead, type HeaderLines, headerLine } from './answer-head.ts';
import { decodedReceiver } from './content-decoding.ts';
import type { UpstreamExchange, UpstreamReceiver } from './interface.ts';

/** One completion on its way out. */
export interface CompletionCall {
  /** Absolute, without query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** How a completion travels. */
export type CompletionWire = (call: CompletionCall, receiver: UpstreamReceiver) => UpstreamExchange;

/** Limits in real milliseconds: until connected, until the answer's head, between two pieces of its body. */
export interface CompletionLimits {
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly gapTimeoutMs: number;
}
/** docs/reference/upstream.md "Stage limits". */
export const completionLimits: CompletionLimits = {
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 120_000,
  gapTimeoutMs: 90_000,
};

/** Connections to one back end; further requests wait for one within their own limits. */
const poolConnections = 2_048;
/** Shorter than any known server keeps an idle connection: a reused one that dies would fail a paid request. */
const keepAliveTimeoutMs = 4_000;

/**
 * Keep-alive connections of undici. A completion costs tokens and is not idempotent, so nothing is ever sent twice
 * here. undici keeps its time limits in one coarse timer for all requests, and does not count pauses.
 */
export function createPoolWire(
  origin: string,
  limits: CompletionLimits = completionLimits,
  connect?: Dialer,
): { readonly wire: CompletionWire; close(): Promise<void> } {
  const pool = new Pool(origin, {
    connections: poolConnections,
    connect: connect ?? { timeout: limits.connectTimeoutMs },
    headersTimeout: limits.headersTimeoutMs,
    bodyTimeout: limits.gapTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
  });
  const wire: CompletionWire = (call, receiver) => {
    const exchange = new PoolExchange(call, receiver, limits);
    const { headers, body } = call;
    const path = call.url.slice(origin.length);
    try {
      pool.dispatch({ method: 'POST', path, headers, body }, exchange);
    } catch (error) {
      exchange.onResponseError(null, error);
    }
    exchange.isHandedOut = true;
    return exchange;
  };
  return { wire, close: () => pool.destroy() };
}

/** One request in the pool: undici's handler on one side, the sender's handle on the other. */
class PoolExchange implements Dispatcher.DispatchHandler, UpstreamExchange {
  readonly #call: CompletionCall;
  readonly #limits: CompletionLimits;
  #receiver: UpstreamReceiver;
  #controller: Dispatcher.DispatchController | undefined;
  #hasHead = false;
  #isOver = false;
  #isAborted = false;
  /** Until then a failure waits: the receiver may not hear of an exchange that its sender does not hold yet. */
  isHandedOut = false;

  constructor(call: CompletionCall, receiver: UpstreamReceiver, limits: CompletionLimits) {
    this.#call = call;
    this.#receiver = receiver;
    this.#limits = limits;
  }

  resume(): void {
    if (!this.#isOver) this.#controller?.resume();
  }

  abort(): void {
    this.#isAborted = true;
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller?.abort(abandoned);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Given up while it waited for a connection: it never goes out.
    if (this.#isOver) controller.abort(abandoned);
  }

  onResponseStart(_: unknown, status: number, headers: HeaderLines): void {
    if (this.#isOver || status < 200) return;
    this.#hasHead = true;
    const encoding = headerLine(headers, 'content-encoding');
    if (encoding !== undefined && encoding !== 'identity') {
      this.#receiver = decodedReceiver(encoding, this.#receiver, {
        resume: () => this.resume(),
        isAborted: () => this.#isAborted,
      });
    }
    this.#receiver.head(answerHead(status, headers, Date.now()));
  }

  onResponseData(controller: Dispatcher.DispatchController, bytes: Buffer): void {
    if (!this.#isOver && !this.#receiver.data(bytes)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#receiver.end();
  }

  onResponseError(_: unknown, error: unknown): void {
    if (this.#isOver) return;
    if (!this.isHandedOut) {
      queueMicrotask(() => this.onResponseError(null, error));
      return;
    }
    this.#isOver = true;
    const timeoutMs = this.#hasHead ? this.#limits.gapTimeoutMs : this.#limits.headersTimeoutMs;
    this.#receiver.failed(completionError(this.#call.url, error, timeoutMs));
  }
}

const abandoned = new HybridError({ code: 'ABORTED', message: 'the completion was given up' });

const codes: Readonly<Partial<Record<ErrorCode, ErrorCode>>> = {
  WIRE_REFUSED: 'UPSTREAM_UNREACHABLE',
  WIRE_TIMEOUT: 'UPSTREAM_TIMEOUT',
};

/** Names method, host and path only: neither the key nor the prompt. */
function completionError(url: string, error: unknown, timeoutMs: number): HybridError {
  const wire = wireError({ method: 'POST', url, timeoutMs, signal: neverAborted }, error, neverAborted);
  return new HybridError({ code: codes[wire.code] ?? 'UPSTREAM_BROKEN', message: wire.message });
}

const neverAborted = new AbortController().signal;
