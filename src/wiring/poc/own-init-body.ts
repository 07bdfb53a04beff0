import type { PowShare, RunningPow } from '../../machines/running-pow.ts';
import { relayUrl } from '../../server/relay/callback-target.ts';
import { rewriteInitUrl } from '../../server/relay/init-url.ts';
import { spliceMember } from '../../server/relay/json-splice.ts';

/**
 * The Network Node's init body as one machine gets it: its callbacks come to the relay, and the numbers are those of
 * its own share. Not one other character is changed, and the same machine always gets the same bytes: a difference
 * between generate and validate would make it load its model again (docs/reference/protocol.md "PoC v1 endpoints").
 */
export function ownInitBody(pow: RunningPow, share: PowShare, callbackPort: number): string {
  const relayed = rewriteInitUrl(pow.initBody, relayUrl(callbackPort, pow.callbackPath));
  // Numbers may stand there as strings, or not at all: whoever has the whole class gets them as they came.
  if (share.nodeId === pow.nodeId && share.nodeCount === pow.nodeCount) return relayed;
  return spliceMember(
    spliceMember(relayed, 'node_id', String(share.nodeId)),
    'node_count',
    String(share.nodeCount),
  );
}
