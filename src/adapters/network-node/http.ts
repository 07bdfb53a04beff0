import { z } from 'zod';
import { type ErrorCode, HybridError } from '../../errors.ts';
import type { Transport, WireResponse } from '../transport.ts';
import { definitionBody, errorBody, keptNode, nodeList } from './admin-wire.ts';
import type { NetworkNode } from './interface.ts';

export interface HttpNetworkNodeOptions {
  /** Origin of the admin API, for example `http://127.0.0.1:9200`; a trailing `/admin/v1` is folded. */
  readonly adminUrl: string;
  /** For the admin API. */
  readonly transport: Transport;
  /** For callbacks: must send path and query byte for byte. */
  readonly callbackTransport: Transport;
  /** Limit of one call, real milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 10_000;
/** A deregistration waits for the node's command, and the Network Node's own limit for that is 15 minutes. */
/** A callback server that submits a transaction for each batch may be slow; a batch given up early is sent twice. */
const deliverTimeoutMs = 60_000;
const removeTimeoutMs = 16 * 60_000;
const jsonHeaders = { 'content-type': 'application/json' };

/** The host's Network Node over its admin API and its callback port (docs/reference/protocol.md "Admin API"). */
export function createHttpNetworkNode(options: HttpNetworkNodeOptions): NetworkNode {
  const base = `${options.adminUrl.replace(/\/+$/, '').replace(/\/admin\/v1$/, '')}/admin/v1`;
  const admin = new AdminCalls(URL.parse(base)?.host ?? base);
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const { transport } = options;
  return {
    nodes: async (signal) => {
      const request = { method: 'GET', url: `${base}/nodes`, timeoutMs, signal } as const;
      return admin.parse(await admin.reach(transport(request)), nodeList);
    },
    upsert: async (definition, signal) => {
      const body = definitionBody(definition);
      const request = {
        method: 'POST',
        url: `${base}/nodes`,
        headers: jsonHeaders,
        body,
        timeoutMs,
        signal,
      } as const;
      const response = await admin.reach(transport(request), 'refusable');
      const kept = admin.parse(response, keptNode);
      if (kept.id !== definition.id) throw admin.failure('NETWORK_NODE_BAD_ANSWER', 'kept another node id');
    },
    remove: async (id, signal) => {
      const url = `${base}/nodes/${encodeURIComponent(id)}`;
      const request = { method: 'DELETE', url, timeoutMs: removeTimeoutMs, signal } as const;
      return admin.parse(await admin.reach(transport(request)), z.boolean());
    },
    deliver: async (callback, signal) => {
      const request = {
        method: 'POST',
        ...callback,
        headers: jsonHeaders,
        timeoutMs: deliverTimeoutMs,
        signal,
      } as const;
      judgeDelivery(await options.callbackTransport(request).catch(notTaken), callback.url);
    },
  };
}

/** Classifies what the admin API answers; messages name its host. */
class AdminCalls {
  readonly #host: string;
  constructor(host: string) {
    this.#host = host;
  }

  failure(code: ErrorCode, message: string): HybridError {
    return new HybridError({ code, message: `admin API ${this.#host}: ${message}` });
  }

  /** An answer below 500; `refusable`: 400 and "failed to …" are its verdict about what was sent. */
  async reach(exchange: Promise<WireResponse>, kind?: 'refusable'): Promise<WireResponse> {
    const response = await exchange.catch((error: unknown) => this.#unreachable(error));
    const reason = reasonOf(response);
    const isRefusal = response.status === 400 || reason?.startsWith('failed to') === true;
    if (kind === 'refusable' && isRefusal && reason !== undefined) {
      throw this.failure('NETWORK_NODE_REFUSED', reason);
    }
    if (response.status >= 500) {
      throw this.failure('NETWORK_NODE_UNREACHABLE', `answered ${response.status} ${reason ?? ''}`.trim());
    }
    return response;
  }

  parse<T>(response: WireResponse, schema: z.ZodType<T>): T {
    if (response.status !== 200) {
      throw this.failure(
        'NETWORK_NODE_BAD_ANSWER',
        `answered ${response.status} ${reasonOf(response) ?? ''}`.trim(),
      );
    }
    const value = jsonOf(response.body);
    if (value === undefined) {
      throw this.failure(
        'NETWORK_NODE_BAD_ANSWER',
        'answered no JSON; is this the URL of the admin API (port 9200)?',
      );
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw this.failure(
      'NETWORK_NODE_BAD_ANSWER',
      `${issue?.path.join('.') || 'body'} ${issue?.message ?? 'is wrong'}`,
    );
  }

  #unreachable(error: unknown): never {
    if (!(error instanceof HybridError) || error.code === 'ABORTED') throw error;
    const { message, code: wire } = error;
    throw new HybridError({ code: 'NETWORK_NODE_UNREACHABLE', message, wire }, { cause: error });
  }
}

function judgeDelivery(response: WireResponse, url: string): void {
  if (response.status >= 200 && response.status < 300) return;
  const code = response.status === 400 ? 'CALLBACK_REFUSED' : 'CALLBACK_NOT_TAKEN';
  const host = URL.parse(url)?.host ?? 'callback URL';
  const message = `${host} answered ${response.status} ${reasonOf(response) ?? ''}`.trim();
  throw new HybridError({ code, message, status: response.status });
}

function notTaken(error: unknown): never {
  if (!(error instanceof HybridError) || error.code === 'ABORTED') throw error;
  throw new HybridError(
    { code: 'CALLBACK_NOT_TAKEN', message: error.message, wire: error.code },
    { cause: error },
  );
}

/** The text of `{"error": …}`, cut to what fits a line. */
function reasonOf(response: WireResponse): string | undefined {
  const parsed = errorBody.safeParse(jsonOf(response.body));
  return parsed.success ? parsed.data.error.slice(0, 300) : undefined;
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
