import { Agent } from 'undici';
import { wireError } from './ofetch-transport.ts';
import type { Transport, WireRequest, WireResponse } from './transport.ts';
import { rawPath } from './world-transport.ts';

/**
 * A wire that sends path and query byte for byte. fetch parses its URL by WHATWG rules, which keep `%252F` but
 * resolve `.` and `..` and escape quotes; a callback's path belongs to the Network Node, so nothing may touch it.
 */
export function createRawPathTransport(agent: Agent = new Agent()): Transport {
  return async (request) => {
    const limit = AbortSignal.timeout(request.timeoutMs);
    try {
      return await exchange(agent, request, AbortSignal.any([request.signal, limit]));
    } catch (error) {
      throw wireError(request, error, limit);
    }
  };
}

async function exchange(agent: Agent, request: WireRequest, signal: AbortSignal): Promise<WireResponse> {
  const answer = await agent.request({
    origin: new URL(request.url).origin,
    path: rawPath(request.url),
    method: request.method,
    headers: { ...request.headers },
    signal,
    ...(request.body === undefined ? {} : { body: Buffer.from(request.body) }),
  });
  const body = await answer.body.text();
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { status: answer.statusCode, headers, body };
}
