import type { NodeDefinition } from '../adapters/network-node/interface.ts';
import { createOfetchTransport } from '../adapters/ofetch-transport.ts';
import { HybridError, toFault } from '../errors.ts';

/** What the Network Node allows a poll (docs/reference/protocol.md "Status poll"), real milliseconds. */
const pollTimeoutMs = 5_000;

/** Calls the node as the Network Node would. Throws REGISTRATION_UNREACHABLE unless an ML node answers there. */
export async function reachNode(wanted: NodeDefinition, signal: AbortSignal): Promise<void> {
  const url = `http://${wanted.host}:${wanted.pocPort}${wanted.pocSegment}/api/v1/state`;
  const transport = createOfetchTransport();
  const answer = await transport({ method: 'GET', url, timeoutMs: pollTimeoutMs, signal }).catch(
    (error: unknown) => {
      throw unreachable(url, toFault(error).message);
    },
  );
  // 401 is the gate in front of our own address: an ML node of ours all the same.
  if (answer.status !== 200 && answer.status !== 401) throw unreachable(url, `it answers ${answer.status}`);
}

const unreachable = (url: string, why: string): HybridError =>
  new HybridError({
    code: 'REGISTRATION_UNREACHABLE',
    message: `nothing was registered: no ML node answers at ${url} (${why}); start the daemon, or correct VPS_IP and the ports`,
  });
