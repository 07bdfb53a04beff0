import type { RunningPow } from '../machines/service.ts';
import { callbackTarget } from '../server/relay/callback-target.ts';

/** Fields of an init body that the relay's guard and the books need; checked by the gateway's schema before. */
interface InitFields {
  readonly block_hash: string;
  readonly block_height: number;
  readonly public_key: string;
  readonly node_id: number;
  readonly node_count: number;
  readonly url: string;
}

/** What runs on a machine once it has taken this init body. Throws REQUEST_INVALID for a `url` that is no http(s) URL. */
export function runningPow(leaseId: string, initBody: string, callbackUrl: string | undefined): RunningPow {
  const init = JSON.parse(initBody) as InitFields;
  const target = callbackTarget(init.url, callbackUrl);
  return {
    leaseId,
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
