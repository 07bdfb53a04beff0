import type { z } from 'zod';
import { HybridError } from '../../errors.ts';
import type { Transport, WireRequest, WireResponse } from '../transport.ts';

/** Requests to one ML node. Throws MLNODE_UNREACHABLE, ABORTED; `parse` MLNODE_BAD_ANSWER. */
export interface MlnodeWire {
  get(path: string, timeoutMs: number, signal: AbortSignal): Promise<WireResponse>;
  /** `application/json` when there is a body: a newer FastAPI refuses one without. */
  post(path: string, body: string | undefined, timeoutMs: number, signal: AbortSignal): Promise<WireResponse>;
  /** The JSON of a 200. */
  parse<T>(what: string, answer: WireResponse, schema: z.ZodType<T>): T;
}

export function createMlnodeWire(baseUrl: string, transport: Transport): MlnodeWire {
  const base = baseUrl.replace(/\/+$/, '');
  const send = (request: WireRequest): Promise<WireResponse> => exchange(transport, request);
  return {
    get: (path, timeoutMs, signal) => send({ method: 'GET', url: base + path, timeoutMs, signal }),
    post: (path, body, timeoutMs, signal) =>
      send({
        method: 'POST',
        url: base + path,
        ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body }),
        timeoutMs,
        signal,
      }),
    parse: (what, answer, schema) => {
      if (answer.status !== 200) throw badAnswer(what, `status ${answer.status}`);
      const value = jsonOf(answer.body);
      if (value === undefined) throw badAnswer(what, 'no JSON');
      const parsed = schema.safeParse(value);
      if (!parsed.success)
        throw badAnswer(what, `unexpected ${parsed.error.issues[0]?.path.join('.') || 'shape'}`);
      return parsed.data;
    },
  };
}

export const badAnswer = (what: string, problem: string): HybridError =>
  new HybridError({ code: 'MLNODE_BAD_ANSWER', message: `ML node, ${what}: ${problem}` });

/** `detail` or `message` of an error's body, cut to what fits a line; empty when there is none. */
export function reasonOf(body: string): string {
  const value = jsonOf(body) as { detail?: unknown; message?: unknown } | null | undefined;
  const reason = value?.detail ?? value?.message ?? '';
  return (typeof reason === 'string' ? reason : JSON.stringify(reason)).slice(0, 400);
}

export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

async function exchange(transport: Transport, request: WireRequest): Promise<WireResponse> {
  try {
    return await transport(request);
  } catch (error) {
    if (error instanceof HybridError && error.code === 'ABORTED') throw error;
    const message =
      error instanceof HybridError ? error.message : `${request.method} ${request.url}: connection broke`;
    throw new HybridError({ code: 'MLNODE_UNREACHABLE', message: `ML node: ${message}` }, { cause: error });
  }
}
