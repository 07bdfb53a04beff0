import { Pool } from 'undici';
import { type ErrorCode, HybridError } from '../../errors.ts';
import { wireError } from '../ofetch-transport.ts';

/** One completion on its way out. */
export interface CompletionCall {
  /** Absolute, without query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

export interface CompletionHead {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Must be iterated, or the call's signal aborted; otherwise the connection stays taken. */
  readonly body: AsyncIterable<Buffer>;
}

/** How a completion travels: the head at once, its body as it arrives. Throws as `Upstream.complete` does. */
export type CompletionWire = (call: CompletionCall) => Promise<CompletionHead>;

/** Limits in real milliseconds: until connected, until the answer's head, between two pieces of its body. */
export interface CompletionLimits {
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly gapTimeoutMs: number;
}
export const completionLimits: CompletionLimits = {
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 120_000,
  gapTimeoutMs: 90_000,
};

/** Connections to one back end; further requests wait for one within the caller's own limits. */
const poolConnections = 256;

/** Keep-alive connections of undici. A completion costs tokens, so nothing is ever sent twice. */
export function createPoolWire(
  origin: string,
  limits: CompletionLimits = completionLimits,
): { readonly wire: CompletionWire; close(): Promise<void> } {
  const pool = new Pool(origin, {
    connections: poolConnections,
    connect: { timeout: limits.connectTimeoutMs },
    headersTimeout: limits.headersTimeoutMs,
    bodyTimeout: limits.gapTimeoutMs,
    keepAliveTimeout: 30_000,
  });
  const wire: CompletionWire = async (call) => {
    const { pathname } = new URL(call.url);
    try {
      const { headers, body, signal } = call;
      const answer = await pool.request({ method: 'POST', path: pathname, headers, body, signal });
      return {
        status: answer.statusCode,
        headers: oneLineEach(answer.headers),
        body: pieces(answer.body, call, limits.gapTimeoutMs),
      };
    } catch (error) {
      throw completionError(call, error, limits.headersTimeoutMs);
    }
  };
  return { wire, close: () => pool.destroy() };
}

const codes: Readonly<Partial<Record<ErrorCode, ErrorCode>>> = {
  ABORTED: 'ABORTED',
  WIRE_REFUSED: 'UPSTREAM_UNREACHABLE',
  WIRE_TIMEOUT: 'UPSTREAM_TIMEOUT',
};

/** Names method, host and path only: neither the key nor the prompt. */
export function completionError(call: CompletionCall, error: unknown, timeoutMs: number): HybridError {
  const { url, signal } = call;
  const wire = wireError({ method: 'POST', url, timeoutMs, signal }, error, neverAborted);
  return new HybridError({ code: codes[wire.code] ?? 'UPSTREAM_BROKEN', message: wire.message });
}

const neverAborted = new AbortController().signal;

/** Leaving the iteration destroys the body, and with it the request. */
async function* pieces(
  body: AsyncIterable<unknown>,
  call: CompletionCall,
  gapTimeoutMs: number,
): AsyncGenerator<Buffer> {
  try {
    for await (const piece of body) yield piece as Buffer;
  } catch (error) {
    throw completionError(call, error, gapTimeoutMs);
  }
}

function oneLineEach(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const lines: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) lines[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return lines;
}
