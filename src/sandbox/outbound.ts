import { request as httpRequest, type Agent } from 'node:http';
import type { Outbound } from '../world/exchange.ts';
import type { ScaledClock } from './scaled-clock.ts';

/** How a neighbour process reaches others: plain HTTP, no redirects, no retries, time-outs on the world's clock. */
export function httpOutbound(clock: ScaledClock, agent?: Agent): Outbound {
  return (call) =>
    new Promise((resolve, reject) => {
      const limit =
        call.timeoutMs === undefined
          ? undefined
          : clock.setTimeout(() => outgoing.destroy(new Error('timed out')), call.timeoutMs);
      const settle = (act: () => void): void => {
        clock.clearTimeout(limit);
        act();
      };
      const outgoing = httpRequest(
        call.url,
        { method: call.method, headers: call.headers, ...(agent ? { agent } : {}), ...(call.signal ? { signal: call.signal } : {}) },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', (error) => settle(() => reject(error)));
          incoming.on('end', () =>
            settle(() => resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') })),
          );
        },
      );
      outgoing.on('error', (error) => settle(() => reject(error)));
      outgoing.end(call.body);
    });
}
