import { z } from 'zod';
import type { MlnodePocV2, PocV2BackEnd, PocV2Config } from './interface.ts';
import type { MlnodeWire } from './wire.ts';

/** Limits in real milliseconds; the node itself gives each vLLM 60 s a call. */
const statusTimeoutMs = 5_000;
const callTimeoutMs = 65_000;
const root = '/api/v1/inference/pow';

/** `null` and `{}` stand for a vLLM that works on nothing; a field may be missing in older builds. */
const config = z.object({
  block_hash: z.string(),
  block_height: z.int(),
  public_key: z.string(),
  node_id: z.int(),
  node_count: z.int(),
});
const backEnd = z.looseObject({ port: z.int(), status: z.string(), config: z.unknown() });
const status = z.object({
  status: z.enum(['IDLE', 'GENERATING', 'VALIDATING', 'MIXED', 'NO_BACKENDS']).catch('IDLE'),
  backends: z.array(backEnd).nullish(),
});

/** PoC v2 of the ML node over HTTP (docs/reference/protocol.md "PoC v2 endpoints"). */
export function createHttpPocV2(wire: MlnodeWire): MlnodePocV2 {
  return {
    async pocV2(call, body, signal) {
      const answer = await wire.post(`${root}/${call}`, body === '' ? '{}' : body, callTimeoutMs, signal);
      return { status: answer.status, body: answer.body };
    },
    async pocV2Result(requestId, signal) {
      const path = `${root}/generate/${encodeURIComponent(requestId)}`;
      const answer = await wire.get(path, statusTimeoutMs, signal);
      return { status: answer.status, body: answer.body };
    },
    async pocV2Status(signal) {
      const answer = await wire.get(`${root}/status`, statusTimeoutMs, signal);
      if (answer.status === 404 || answer.status === 405) return null;
      const told = wire.parse('inference/pow/status', answer, status);
      return { status: told.status, backEnds: (told.backends ?? []).map(backEndOf) };
    },
  };
}

function backEndOf(told: z.infer<typeof backEnd>): PocV2BackEnd {
  const read = config.safeParse(told.config);
  return {
    port: told.port,
    status: told.status,
    config: read.success ? configOf(read.data) : null,
    told,
  };
}

const configOf = (wire: z.infer<typeof config>): PocV2Config => ({
  blockHash: wire.block_hash,
  blockHeight: wire.block_height,
  publicKey: wire.public_key,
  nodeId: wire.node_id,
  nodeCount: wire.node_count,
});
