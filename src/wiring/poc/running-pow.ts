import type { PowMachine, RunningPow } from '../../machines/running-pow.ts';
import { callbackTarget } from '../../server/relay/callback-target.ts';
import { powInitRequest } from '../../server/mlnode-api/pow-init-request.ts';

/**
 * What runs once machines have taken this init body; numbers that it has as strings, or leaves to their defaults, are
 * read as the machine reads them. Throws REQUEST_INVALID for a `url` that is no http(s) URL.
 */
export function runningPow(
  machines: readonly PowMachine[],
  initBody: string,
  callbackUrl: string | undefined,
): RunningPow {
  const init = powInitRequest.parse(JSON.parse(initBody));
  const target = callbackTarget(init.url, callbackUrl);
  return {
    machines,
    initBody,
    blockHash: init.block_hash,
    blockHeight: init.block_height,
    publicKey: init.public_key,
    nodeId: init.node_id,
    nodeCount: init.node_count,
    callbackOrigin: target.origin,
    callbackPath: target.basePath,
  };
}
