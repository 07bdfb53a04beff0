import type { PocV2Job, RunningPocV2 } from '../../machines/poc-v2-context.ts';
import { pocV2GenerateRequest, pocV2InitRequest } from '../../server/mlnode-api/poc-v2-request.ts';
import { callbackTarget } from '../../server/relay/callback-target.ts';

/** What runs on a machine once it has taken this init body. Throws REQUEST_INVALID for a `url` that is none. */
export function runningPocV2(
  leaseId: string,
  initBody: string,
  callbackUrl: string | undefined,
): RunningPocV2 {
  const init = pocV2InitRequest.parse(JSON.parse(initBody));
  const target = targetOf(init.url, callbackUrl);
  return {
    leaseId,
    initBody,
    model: init.params.model,
    blockHash: init.block_hash,
    blockHeight: init.block_height,
    publicKey: init.public_key,
    nodeId: init.node_id,
    nodeCount: init.node_count,
    callbackOrigin: target?.origin ?? null,
    callbackPath: target?.basePath ?? null,
  };
}

/** The verdict that a `generate` body asks to be sent; null when it asks for none (`wait`, no artifacts, no `url`). */
export function askedVerdict(
  leaseId: string,
  body: string,
  callbackUrl: string | undefined,
): PocV2Job | null {
  const asked = pocV2GenerateRequest.parse(JSON.parse(body));
  const target = targetOf(asked.url, callbackUrl);
  if (target === null || asked.wait || asked.validation === null || asked.validation === undefined)
    return null;
  return {
    leaseId,
    publicKey: asked.public_key,
    blockHash: asked.block_hash,
    blockHeight: asked.block_height,
    callbackOrigin: target.origin,
    callbackPath: target.basePath,
    nonceCount: new Set(asked.nonces).size,
    isAnswered: false,
  };
}

const targetOf = (url: string | null | undefined, callbackUrl: string | undefined) =>
  url === null || url === undefined ? null : callbackTarget(url, callbackUrl);
