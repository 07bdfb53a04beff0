import { z } from 'zod';
import type { Transport } from '../transport.ts';
import type { Mlnode, MlnodeServiceState, PowStatus } from './interface.ts';
import { createHttpModels } from './http-models.ts';
import { createHttpPocV2 } from './http-poc-v2.ts';
import { badAnswer, createMlnodeWire } from './wire.ts';

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
  const wire = createMlnodeWire(options.baseUrl, options.transport);
  return {
    ...createHttpPocV2(wire),
    ...createHttpModels(wire),
    async state(signal) {
      const answer = await wire.get('/api/v1/state', statusTimeoutMs, signal);
      return knownState(wire.parse('state', answer, serviceState).state);
    },
    async powStatus(signal) {
      const answer = await wire.get('/api/v1/pow/status', statusTimeoutMs, signal);
      return answer.status === 409 ? null : toPowStatus(wire.parse('pow/status', answer, powStatus));
    },
    async pow(call, body, signal) {
      const { status, body: text } = await wire.post(`/api/v1/pow/${call}`, body, powTimeoutMs, signal);
      return { status, body: text };
    },
    async stop(signal) {
      const answer = await wire.post('/api/v1/stop', undefined, stopTimeoutMs, signal);
      if (answer.status >= 400) throw badAnswer('stop', `status ${answer.status}`);
    },
  };
}

/** A word that this build does not know counts as UNKNOWN, as the Network Node reads it. */
function knownState(state: string): MlnodeServiceState {
  const known: readonly MlnodeServiceState[] = ['POW', 'INFERENCE', 'TRAIN', 'STOPPED'];
  return known.find((candidate) => candidate === state) ?? 'UNKNOWN';
}

function toPowStatus(wire: z.infer<typeof powStatus>): PowStatus {
  return { status: wire.status, isModelInitialized: wire.is_model_initialized ?? false };
}
