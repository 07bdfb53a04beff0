import { z } from 'zod';
import { HybridError } from '../../errors.ts';
import type { Transport, WireRequest, WireResponse } from '../transport.ts';
import type { Mlnode, MlnodeServiceState, PowStatus } from './interface.ts';

/** Limits in real milliseconds. A real `stop` takes 10 s for PoC and up to 35 s for vLLM. */
export const statusTimeoutMs = 5000;
export const powTimeoutMs = 60_000;
export const stopTimeoutMs = 45_000;

export interface HttpMlnodeOptions {
  /** Origin of the management API, for example `http://127.0.0.1:18080`. */
  readonly baseUrl: string;
  /** How the bytes travel: the machine's port behind the SSH session. */
  readonly transport: Transport;
}

const serviceState = z.object({ state: z.string() });
const powStatus = z.object({
  status: z.enum(['IDLE', 'NOT_LOADED', 'LOADING', 'GENERATING', 'VALIDATING', 'STOPPED', 'MIXED']),
  is_model_initialized: z.boolean().optional(),
});

/** The ML node over HTTP (docs/reference/protocol.md "MLNode REST API"). */
export function createHttpMlnode(options: HttpMlnodeOptions): Mlnode {
  const api = `${options.baseUrl.replace(/\/+$/, '')}/api/v1`;
  const send = (request: WireRequest): Promise<WireResponse> => exchange(options.transport, request);
  return {
    async state(signal) {
      const url = `${api}/state`;
      const answer = await send({ method: 'GET', url, timeoutMs: statusTimeoutMs, signal });
      return knownState(parse('state', answer, serviceState).state);
    },
    async powStatus(signal) {
      const url = `${api}/pow/status`;
      const answer = await send({ method: 'GET', url, timeoutMs: statusTimeoutMs, signal });
      return answer.status === 409 ? null : toPowStatus(parse('pow/status', answer, powStatus));
    },
    async pow(call, body, signal) {
      const { status, body: text } = await send({
        method: 'POST',
        url: `${api}/pow/${call}`,
        ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body }),
        timeoutMs: powTimeoutMs,
        signal,
      });
      return { status, body: text };
    },
    async stop(signal) {
      const url = `${api}/stop`;
      const answer = await send({ method: 'POST', url, timeoutMs: stopTimeoutMs, signal });
      if (answer.status >= 400) throw badAnswer('stop', `status ${answer.status}`);
    },
  };
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

function parse<T>(what: string, answer: WireResponse, schema: z.ZodType<T>): T {
  if (answer.status !== 200) throw badAnswer(what, `status ${answer.status}`);
  let value: unknown;
  try {
    value = JSON.parse(answer.body);
  } catch {
    throw badAnswer(what, 'no JSON');
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw badAnswer(what, `unexpected ${parsed.error.issues[0]?.path.join('.') || 'shape'}`);
  return parsed.data;
}

function badAnswer(what: string, problem: string): HybridError {
  return new HybridError({ code: 'MLNODE_BAD_ANSWER', message: `ML node, ${what}: ${problem}` });
}

/** A word that this build does not know counts as UNKNOWN, as the Network Node reads it. */
function knownState(state: string): MlnodeServiceState {
  const known: readonly MlnodeServiceState[] = ['POW', 'INFERENCE', 'TRAIN', 'STOPPED'];
  return known.find((candidate) => candidate === state) ?? 'UNKNOWN';
}

function toPowStatus(wire: z.infer<typeof powStatus>): PowStatus {
  return { status: wire.status, isModelInitialized: wire.is_model_initialized ?? false };
}
