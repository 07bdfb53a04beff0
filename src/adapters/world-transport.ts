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
      const line = new Line();
      const give = (code: 'ABORTED' | 'WIRE_TIMEOUT' | 'WIRE_BROKEN', message: string): void => {
        finish();
        const what = `${request.method} ${request.url.split(/[?#]/, 1)[0]}`;
        const error = new HybridError({ code, message: `${what}: ${message}` });
        reject(error);
        line.hangUp(error);
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
          const response = await answer(options, request, line);
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

/** The caller's end as the neighbour sees it. Few look, and a signal for each request costs more than most answers. */
class Line {
  #controller: AbortController | undefined;
  #broken: { readonly reason: Error } | undefined;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#broken !== undefined) this.#controller.abort(this.#broken.reason);
    }
    return this.#controller.signal;
  }

  hangUp(reason: Error): void {
    this.#broken = { reason };
    this.#controller?.abort(reason);
  }
}

/** As the neighbour reads it. A class: an accessor of its own for each request would cost more than the rest of it. */
class LinedRequest implements WorldRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly #line: Line;
  constructor({ method, url, headers, body }: WireRequest, line: Line) {
    this.method = method;
    this.path = rawPath(url);
    this.headers = lowerCased(headers);
    this.body = textOf(body);
    this.#line = line;
  }
  get signal(): AbortSignal {
    return this.#line.signal;
  }
}

/** The path and query of an absolute URL exactly as written. */
export function rawPath(url: string): string {
  const known = paths.get(url);
  if (known !== undefined) return known;
  if (paths.size >= pathsMax) paths.clear();
  const rest = url.replace(authority, '');
  const whole = rest.includes('#') ? rest.slice(0, rest.indexOf('#')) : rest;
  const path = whole.startsWith('/') ? whole : `/${whole}`;
  paths.set(url, path);
  return path;
}

/** By the URL: the same few dozen are asked for again and again. */
const paths = new Map<string, string>();
const pathsMax = 500;

const authority = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

const realTimers: Pick<WorldClock, 'setTimeout' | 'clearTimeout'> = {
  setTimeout: (fn, ms) => ({ worldTimer: setTimeout(fn, ms) }),
  clearTimeout: (timer) => clearTimeout(timer?.worldTimer as NodeJS.Timeout | undefined),
};

async function answer(
  options: WorldTransportOptions,
  request: WireRequest,
  line: Line,
): Promise<WireResponse | 'drop' | 'hang'> {
  const outcome = await options.neighbour.handle(new LinedRequest(request, line));
  if (typeof outcome === 'string') return outcome;
  return { status: outcome.status, headers: lowerCased(outcome.headers), body: await wholeBody(outcome) };
}

function textOf(body: WireRequest['body'] = ''): string {
  return typeof body === 'string' ? body.toWellFormed() : Buffer.from(body).toString('utf8');
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
