import { ofetch } from 'ofetch';
import { HybridError } from '../errors.ts';
import type { Transport, WireRequest, WireResponse } from './transport.ts';

/**
 * The wire in production. The limit and the caller's signal cover the whole exchange, the body included. Errors name
 * method, host and path, never headers, query or body: ofetch's own errors carry all of them, so none is passed on
 * as a cause.
 */
export function createOfetchTransport(): Transport {
  return async (request) => {
    const limit = AbortSignal.timeout(request.timeoutMs);
    try {
      return await exchange(request, AbortSignal.any([request.signal, limit]));
    } catch (error) {
      throw wireError(request, error, limit);
    }
  };
}

/** The `HybridError` for anything that broke one exchange; `limit` is the signal of its time limit. */
export function wireError(request: WireRequest, error: unknown, limit: AbortSignal): HybridError {
  const what = `${request.method} ${withoutQuery(request.url)}`;
  if (request.signal.aborted) return new HybridError({ code: 'ABORTED', message: `${what}: abandoned` });
  if (limit.aborted || timeoutCodes.has(codeOf(error))) {
    return new HybridError({
      code: 'WIRE_TIMEOUT',
      message: `${what}: no answer within ${request.timeoutMs} ms`,
    });
  }
  const code = codeOf(error);
  if (refusedCodes.has(code) || code.startsWith('ERR_TLS') || code.startsWith('CERT_')) {
    return new HybridError({ code: 'WIRE_REFUSED', message: `${what}: ${code}` });
  }
  return new HybridError({ code: 'WIRE_BROKEN', message: `${what}: ${code || 'connection broke'}` });
}

const timeoutCodes = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);
/** Failures before the first byte of the request left. */
const refusedCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ERR_INVALID_URL',
  'BAD_PORT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_INVALID_ARG',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

async function exchange(request: WireRequest, signal: AbortSignal): Promise<WireResponse> {
  const response = await ofetch.raw(request.url, {
    method: request.method,
    headers: { ...request.headers },
    responseType: 'text',
    ignoreResponseError: true,
    retry: 0,
    redirect: 'manual',
    signal,
    // As bytes: ofetch and fetch give a string a content type that the caller did not choose.
    ...(request.body === undefined ? {} : { body: bytes(request.body) }),
  });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: response._data ?? '',
  };
}

function bytes(body: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(typeof body === 'string' ? Buffer.from(body, 'utf8') : body);
}

function withoutQuery(url: string): string {
  return url.split(/[?#]/, 1)[0] ?? url;
}

/** The system's or the library's error code, wherever in the chain of causes it stands. */
function codeOf(error: unknown): string {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string') return code;
    // The fetch standard blocks some ports (1, 6000, 10080 …) before anything is sent; that error has no code.
    if (cause.message === 'bad port') return 'BAD_PORT';
  }
  return '';
}
