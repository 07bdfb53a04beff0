import type { NetworkNode } from '../../adapters/network-node/interface.ts';
import type { ReverseReceiver, ReverseRequest, ReverseResponse } from '../../adapters/ssh/interface.ts';
import { HybridError } from '../../errors.ts';
import type { Log } from '../log.ts';
import type { MachineRoom } from '../machine/machine-room.ts';

/** Of the whole way there and back, real milliseconds. */
const wayTimeoutMs = 20_000;
/** No JSON on purpose: what cannot be decoded is refused, and never submitted to the chain. */
export const probeBytes = Buffer.from('hybrid-mlnode: is anybody there? (no JSON)');
const refusals: ReadonlySet<unknown> = new Set([400, 415, 422, 500, 503]);

export interface CallbackProbeOptions {
  readonly room: Pick<MachineRoom, 'transport'>;
  readonly networkNode: Pick<NetworkNode, 'deliver'>;
  readonly log: Log;
  /** `http://api:9100/v1/poc-batches` as the Network Node named it last, or as set; null = nobody has said yet. */
  callbackBase(): string | null;
}

/** Proves the way of a callback, from the machine's own loopback to the Network Node's port. */
export interface CallbackProbe {
  /** Takes the probe of a machine that is being looked at, and hands everything else on. */
  receiver(leaseId: string, next: ReverseReceiver): ReverseReceiver;
  /**
   * Throws CALLBACK_PATH_BROKEN when a post on the machine does not come out here. `toRelay`: it does, and the Network
   * Node's port does not answer as it should, which is no fault of the machine.
   */
  prove(
    leaseId: string,
    callbackPort: number,
    signal: AbortSignal,
  ): Promise<'proven' | 'toRelay' | 'unknown'>;
}

type Finding = 'proven' | 'toRelay' | 'unknown';

export function createCallbackProbe(options: CallbackProbeOptions): CallbackProbe {
  /** Leases whose probe is on its way, and what became of it. */
  const awaited = new Map<string, Finding | null>();

  async function passOn(leaseId: string): Promise<ReverseResponse> {
    const base = options.callbackBase();
    const finding = base === null ? 'unknown' : await reachNetworkNode(`${base}/generated`);
    awaited.set(leaseId, finding);
    return { status: 400, body: '' };
  }

  async function reachNetworkNode(url: string): Promise<Finding> {
    try {
      await options.networkNode.deliver({ url, body: probeBytes }, AbortSignal.timeout(wayTimeoutMs));
    } catch (error) {
      const facts: { readonly status?: unknown } = error instanceof HybridError ? error.facts : {};
      if (refusals.has(facts.status)) return 'proven';
      options.log.warn({ url, status: facts.status ?? null }, 'callback.port_silent');
      return 'toRelay';
    }
    // Whoever takes this for a callback is no Network Node.
    options.log.warn({ url, status: 200 }, 'callback.port_silent');
    return 'toRelay';
  }

  return {
    receiver: (leaseId, next) => (request: ReverseRequest) =>
      awaited.has(leaseId) && request.body.equals(probeBytes) ? passOn(leaseId) : next(request),
    prove: async (leaseId, callbackPort, signal) => {
      awaited.set(leaseId, null);
      try {
        await options.room.transport(
          leaseId,
          callbackPort,
        )({
          method: 'POST',
          url: `http://127.0.0.1:${callbackPort}/qualification`,
          headers: { 'content-type': 'application/json' },
          body: probeBytes,
          timeoutMs: wayTimeoutMs,
          signal,
        });
      } catch (error) {
        if (signal.aborted) throw error;
        throw broken(callbackPort, error);
      } finally {
        if (awaited.get(leaseId) === null) awaited.delete(leaseId);
      }
      const finding = awaited.get(leaseId);
      awaited.delete(leaseId);
      if (finding === null || finding === undefined) throw broken(callbackPort);
      return finding;
    },
  };
}

function broken(port: number, cause?: unknown): HybridError {
  const why = cause instanceof Error ? cause.message : 'somebody else answers there';
  const message = `a post to port ${port} of the machine did not reach the relay: ${why}`;
  return new HybridError({ code: 'CALLBACK_PATH_BROKEN', message }, { cause });
}
