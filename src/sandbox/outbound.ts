import { request as httpRequest, type Agent, type IncomingHttpHeaders } from 'node:http';
import type { Outbound } from '../world/exchange.ts';

/** How a neighbour process reaches others: plain HTTP, no redirects, no retries; limits in real milliseconds. */
export function httpOutbound(agent?: Agent): Outbound {
  return (call) =>
    new Promise((resolve, reject) => {
      const limit =
        call.timeoutMs === undefined
          ? undefined
          : setTimeout(() => outgoing.destroy(new Error('timed out')), call.timeoutMs);
      const settle = (act: () => void): void => {
        clearTimeout(limit);
        act();
      };
      const outgoing = httpRequest(
        call.url,
        {
          method: call.method,
          headers: call.headers,
          ...(agent ? { agent } : {}),
          ...(call.signal ? { signal: call.signal } : {}),
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', (error) => settle(() => reject(error)));
          incoming.on('end', () =>
            settle(() =>
              resolve({
                status: incoming.statusCode ?? 0,
                headers: flat(incoming.headers),
                body: Buffer.concat(chunks).toString('utf8'),
              }),
            ),
          );
        },
      );
      outgoing.on('error', (error) => settle(() => reject(error)));
      outgoing.end(call.body);
    });
}

function flat(headers: IncomingHttpHeaders): Record<string, string> {
  const lines = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    lines.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
