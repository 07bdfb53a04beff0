import { createOfetchTransport } from '../adapters/ofetch-transport.ts';
import type { Transport, WireResponse } from '../adapters/transport.ts';
import { inspectionAddress } from '../config/inspection.ts';
import { HybridError } from '../errors.ts';
import { UsageError } from './arguments.ts';
import type { CommandIo } from './command.ts';

/** The running daemon's inspection API, as a command asks it. */
export interface DaemonClient {
  readonly url: string;
  /** Headers that every request needs. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body of a GET, a JSON object as text. Throws as `post`. */
  get(path: string): Promise<string>;
  /**
   * Posts an order. Throws DAEMON_NOT_RUNNING, DAEMON_REFUSED (the token), DAEMON_BAD_ANSWER, WIRE_TIMEOUT,
   * WIRE_BROKEN, and UsageError with the daemon's own words for an order that it does not take (4xx).
   */
  post(path: string, order: object): Promise<string>;
}

/** Real milliseconds that a question may take, unless the command says otherwise. */
export const askTimeoutMs = 5_000;

/** The daemon at the address of the settings. Throws CONFIG_INVALID, CONFIG_UNREADABLE. */
export function createDaemonClient(
  io: Pick<CommandIo, 'env' | 'cwd'>,
  timeoutMs: number = askTimeoutMs,
  transport: Transport = createOfetchTransport(),
): DaemonClient {
  const address = inspectionAddress(io);
  const token = address.token?.reveal();
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const ask = async (method: 'GET' | 'POST', path: string, order?: object): Promise<string> => {
    const url = `${address.url}${path}`;
    const body = order === undefined ? {} : { body: JSON.stringify(order) };
    const sent = order === undefined ? headers : { ...headers, 'content-type': 'application/json' };
    const signal = new AbortController().signal;
    const answer = await transport({ method, url, headers: sent, timeoutMs, signal, ...body }).catch(
      (error: unknown) => absent(url, error),
    );
    return judged(answer, url, token !== undefined);
  };
  return {
    url: address.url,
    headers,
    get: (path) => ask('GET', path),
    post: (path, order) => ask('POST', path, order),
  };
}

function judged({ status, body }: WireResponse, url: string, hasToken: boolean): string {
  if (status === 401 || status === 403) {
    const message = hasToken ? `${url} does not take INSPECTION_TOKEN` : `${url} wants INSPECTION_TOKEN`;
    throw new HybridError({ code: 'DAEMON_REFUSED', message });
  }
  const value = objectOf(body);
  const refusal = value?.['error'];
  if (status >= 400 && status < 500 && typeof refusal === 'string' && refusal !== 'not found')
    throw new UsageError(refusal);
  if (status >= 300 || value === undefined) {
    const message = `${url} answered ${status}, but not as this daemon`;
    throw new HybridError({ code: 'DAEMON_BAD_ANSWER', message });
  }
  return body;
}

function absent(url: string, error: unknown): never {
  if (!(error instanceof HybridError) || error.code !== 'WIRE_REFUSED') throw error;
  const message = `no daemon answers at ${url}; start one, or set INSPECTION_HOST and INSPECTION_PORT as it has them`;
  throw new HybridError({ code: 'DAEMON_NOT_RUNNING', message }, { cause: error });
}

function objectOf(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
