import { HybridError } from '../errors.ts';
import type { WorldClock } from '../world/clock.ts';
import type { WorldOutcome, WorldRequest, WorldResponse } from '../world/exchange.ts';
import type { Transport, WireRequest, WireResponse } from './transport.ts';

export interface WorldTransportOptions {
  /** The neighbour that answers, whatever host the URL names. */
  readonly neighbour: { handle(request: WorldRequest): Promise<WorldOutcome> };
  /** Times the limits; the simulation gives its virtual clock. Default: real timers. */
  readonly clock?: Pick<WorldClock, 'setTimeout' | 'clearTimeout'>;
}

/**
 * A wire that is no wire: the world's own request handler. `drop` breaks the connection, `hang` lasts until the limit
 * or the caller's signal; in both cases the neighbour sees the hang-up through `request.signal`.
 */
export function createWorldTransport(options: WorldTransportOptions): Transport {
  const clock = options.clock ?? realTimers;
  return (request) =>
    new Promise((resolve, reject) => {
      const hangUp = new AbortController();
      const what = `${request.method} ${request.url.split(/[?#]/, 1)[0]}`;
      const give = (code: 'ABORTED' | 'WIRE_TIMEOUT' | 'WIRE_BROKEN', message: string): void => {
        finish();
        const error = new HybridError({ code, message: `${what}: ${message}` });
        reject(error);
        hangUp.abort(error);
      };
      const abandon = (): void => give('ABORTED', 'abandoned');
      const finish = (): void => {
        clock.clearTimeout(limit);
        request.signal.removeEventListener('abort', abandon);
      };
      const limit = clock.setTimeout(
        () => give('WIRE_TIMEOUT', `no answer within ${request.timeoutMs} ms`),
        request.timeoutMs,
      );
      if (request.signal.aborted) return abandon();
      request.signal.addEventListener('abort', abandon);
      void settle();
      async function settle(): Promise<void> {
        try {
          const response = await answer(options, request, hangUp.signal);
          if (response === 'hang') return;
          if (response === 'drop') return give('WIRE_BROKEN', 'connection broke');
          finish();
          resolve(response);
        } catch {
          give('WIRE_BROKEN', 'connection broke');
        }
      }
    });
}

/** The path and query of an absolute URL exactly as written. */
export function rawPath(url: string): string {
  const rest = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/#.*$/s, '');
  return rest.startsWith('/') ? rest : `/${rest}`;
}

const realTimers: Pick<WorldClock, 'setTimeout' | 'clearTimeout'> = {
  setTimeout: (fn, ms) => ({ worldTimer: setTimeout(fn, ms) }),
  clearTimeout: (timer) => clearTimeout(timer?.worldTimer as NodeJS.Timeout | undefined),
};

async function answer(
  options: WorldTransportOptions,
  request: WireRequest,
  signal: AbortSignal,
): Promise<WireResponse | 'drop' | 'hang'> {
  const outcome = await options.neighbour.handle({
    method: request.method,
    path: rawPath(request.url),
    headers: lowerCased(request.headers),
    body: request.body === undefined ? '' : Buffer.from(request.body).toString('utf8'),
    signal,
  });
  if (typeof outcome === 'string') return outcome;
  return { status: outcome.status, headers: lowerCased(outcome.headers), body: await wholeBody(outcome) };
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  const lower: Record<string, string> = {};
  for (const name in headers) lower[name.toLowerCase()] = headers[name] ?? '';
  return lower;
}

async function wholeBody(response: WorldResponse): Promise<string> {
  if (typeof response.body === 'string') return response.body;
  let body = '';
  for await (const piece of response.body) body += piece;
  return body;
}
