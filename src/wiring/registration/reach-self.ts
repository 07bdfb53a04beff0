import type { NodeDefinition } from '../../adapters/network-node/interface.ts';
import type { Transport } from '../../adapters/transport.ts';
import { HybridError } from '../../errors.ts';
import { selfProbeHeader, type SelfProbes } from '../../server/self-probes.ts';

/** What the Network Node allows a poll (docs/reference/protocol.md "Status poll"), real milliseconds. */
const probeTimeoutMs = 5_000;

export interface ReachSelfOptions {
  /** The definition that is to be registered. */
  readonly definition: NodeDefinition;
  /** Shared with the listeners. */
  readonly probes: SelfProbes;
  readonly transport: Transport;
  /** Resolves once the listeners are open. */
  readonly listening: Promise<void>;
}

/**
 * Calls itself as the Network Node would: at the address, ports and segments of the definition. Resolves when both
 * APIs were found there and were found to be this process. Rejects with REGISTRATION_UNREACHABLE, ABORTED.
 */
export function createReachSelf(options: ReachSelfOptions): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    await untilListening(options.listening, signal);
    for (const url of urlsOf(options.definition)) await probe(url, options, signal);
  };
}

/** As in docs/reference/protocol.md "URLs", without a version. */
const urlsOf = ({ host, pocPort, pocSegment, inferencePort, inferenceSegment }: NodeDefinition): string[] => [
  `http://${host}:${pocPort}${pocSegment}/api/v1/state`,
  `http://${host}:${inferencePort}${inferenceSegment}/health`,
];

async function probe(
  url: string,
  { probes, transport }: ReachSelfOptions,
  signal: AbortSignal,
): Promise<void> {
  const sent = probes.open();
  try {
    const headers = { [selfProbeHeader]: sent.number };
    const { status } = await transport({ method: 'GET', url, headers, timeoutMs: probeTimeoutMs, signal });
    if (!sent.hasArrived()) throw unreachable(url, `something else answers there, with ${status}`);
    // 503 is health while nothing serves, 401 the gate in front of our own address: both are ours.
    if (status === 404) throw unreachable(url, 'this node has no such path; check the segments');
  } catch (error) {
    if (
      !(error instanceof HybridError) ||
      error.code === 'ABORTED' ||
      error.code === 'REGISTRATION_UNREACHABLE'
    )
      throw error;
    throw unreachable(url, error.message, error);
  } finally {
    sent.close();
  }
}

const unreachable = (url: string, why: string, cause?: unknown): HybridError =>
  new HybridError(
    {
      code: 'REGISTRATION_UNREACHABLE',
      message: `not registered: this node does not find itself at ${url}: ${why}`,
    },
    { cause },
  );

async function untilListening(listening: Promise<void>, signal: AbortSignal): Promise<void> {
  const stopped = Promise.withResolvers<never>();
  const abandon = (): void =>
    stopped.reject(new HybridError({ code: 'ABORTED', message: 'the daemon stops' }));
  if (signal.aborted) abandon();
  else signal.addEventListener('abort', abandon, { once: true });
  try {
    await Promise.race([listening, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', abandon);
  }
}
