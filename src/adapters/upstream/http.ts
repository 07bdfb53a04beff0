import { z } from 'zod';
import { HybridError } from '../../errors.ts';
import type { Secret } from '../../secret.ts';
import type { Dialer } from '../ssh/interface.ts';
import type { Transport, WireResponse } from '../transport.ts';
import { apiBase } from './base-url.ts';
import { type CompletionLimits, type CompletionWire, createPoolWire } from './completion-wire.ts';
import type { Upstream, UpstreamModel } from './interface.ts';
import { pulledAnswer } from './pulled-answer.ts';

/** Limit of the model list, real milliseconds. */
export const modelsTimeoutMs = 15_000;

export interface HttpUpstreamOptions {
  /** For logs and the inspection, for example `hyperbolic`. */
  readonly name: string;
  /** With or without `/v1`. */
  readonly baseUrl: string;
  readonly key: Secret;
  /** For the model list. */
  readonly transport: Transport;
  readonly limits?: CompletionLimits;
  /** How connections are made. @default over TCP */
  readonly connect?: Dialer;
}

export interface HttpUpstream extends Upstream {
  /** Ends all connections, running answers included. */
  close(): Promise<void>;
}

/** An OpenAI-compatible API over HTTP. Throws a RangeError when `baseUrl` is no URL. */
export function createHttpUpstream(options: HttpUpstreamOptions): HttpUpstream {
  const base = apiBase(options.baseUrl);
  const parsed = URL.parse(base);
  if (!parsed) throw new RangeError(`base URL of ${options.name} is no URL`);
  const pool = createPoolWire(parsed.origin, options.limits, options.connect);
  return { ...createWiredUpstream({ ...options, wire: pool.wire }), close: () => pool.close() };
}

/** The same over any wire: what the HTTP and the simulated form share. */
export function createWiredUpstream(
  options: HttpUpstreamOptions & { readonly wire: CompletionWire },
): Upstream {
  const base = apiBase(options.baseUrl);
  const { name, key, transport } = options;
  const authorization = (): Record<string, string> => ({ authorization: `Bearer ${key.reveal()}` });
  const completionHeaders = {
    ...authorization(),
    'content-type': 'application/json',
    accept: 'text/event-stream, application/json',
    'accept-encoding': 'identity',
  };
  const exchange: Upstream['exchange'] = ({ path, body }, receiver) =>
    options.wire({ url: base + path, headers: completionHeaders, body }, receiver);
  return {
    name,
    exchange,
    complete: (request) => pulledAnswer({ name, exchange }, request),
    async models(signal) {
      const url = `${base}/models`;
      const request = {
        method: 'GET',
        url,
        headers: authorization(),
        timeoutMs: modelsTimeoutMs,
        signal,
      } as const;
      const answer = await transport(request).catch((error: unknown) => unreachable(name, error));
      return parseModels(name, answer);
    },
  };
}

/** Prices and context length are null for some models; `supports_chat` is not trusted, so it is not read. */
const modelList = z.object({
  data: z.array(
    z.object({
      id: z.string().min(1),
      context_length: z.number().nullish(),
      input_price: z.number().nullish(),
      output_price: z.number().nullish(),
    }),
  ),
});

function parseModels(name: string, answer: WireResponse): readonly UpstreamModel[] {
  const problem = `${name}, /v1/models`;
  if (answer.status === 401 || answer.status === 403) {
    throw new HybridError({ code: 'UPSTREAM_KEY_REFUSED', message: `${problem}: ${answer.status}` });
  }
  if (answer.status >= 500) {
    throw new HybridError({ code: 'UPSTREAM_UNREACHABLE', message: `${problem}: ${answer.status}` });
  }
  if (answer.status !== 200) throw badAnswer(`${problem}: ${answer.status}`);
  const parsed = modelList.safeParse(parseJson(answer.body));
  if (!parsed.success) throw badAnswer(`${problem}: no model list`);
  return parsed.data.data.map((row) => ({
    id: row.id,
    contextLength: row.context_length ?? null,
    inputUsdPerMillion: row.input_price ?? null,
    outputUsdPerMillion: row.output_price ?? null,
  }));
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

function badAnswer(message: string): HybridError {
  return new HybridError({ code: 'UPSTREAM_BAD_ANSWER', message });
}

function unreachable(name: string, error: unknown): never {
  if (!(error instanceof HybridError) || error.code === 'ABORTED') throw error;
  throw new HybridError({
    code: 'UPSTREAM_UNREACHABLE',
    message: `${name}: ${error.message}`,
    wire: error.code,
  });
}
