import { Agent } from 'node:http';
import { NetworkNodeWorld } from '../world/network-node/network-node-world.ts';
import type { NetworkNodeWorldOptions } from '../world/network-node/network-node-options.ts';
import { otherParticipants } from '../world/network-node/other-participants.ts';
import { mainnetPowParams } from '../world/network-node/pow-init-body.ts';
import { type ServedNeighbour, serveNeighbour } from './http-neighbour.ts';
import { followBlocks } from './network-node-blocks.ts';
import { httpOutbound } from './outbound.ts';
import { ScaledClock } from './scaled-clock.ts';

export interface ServeNetworkNodeOptions
  extends Pick<
    NetworkNodeWorldOptions,
    | 'seed'
    | 'governanceModels'
    | 'publicKey'
    | 'pocVersion'
    | 'pow'
    | 'pocV2'
    | 'hasModelSegment'
    | 'preserved'
    | 'nodeVersion'
    | 'chatIntervalMs'
  > {
  /** Of the admin API and the control API; 0 = any free port. */
  readonly port: number;
  /** Of the callback server; 0 = any free port. Default 0. */
  readonly callbackPort?: number;
  /** Base URL of the sandbox chain. Default: none, as a Network Node whose chain node never syncs. */
  readonly chain?: string;
  readonly speed: number;
  /** Unix milliseconds at which the world's clock and the wall's agreed. */
  readonly originMs: number;
  /** Other hosts whose batches are validated. Default 3. */
  readonly otherParticipants?: number;
  /** Nonces of PoC v2 that each of them has; default as many as are sampled. */
  readonly artifactsOfOthers?: number;
  /** Origin of the callback server as ML nodes are told it. Default: its own on 127.0.0.1. */
  readonly callbackOrigin?: string;
}

export interface ServedNetworkNode extends ServedNeighbour {
  readonly callbackPort: number;
}

/** The Network Node as a process: admin API with the control API, callbacks on a second port, blocks from the chain. */
export async function serveNetworkNode(options: ServeNetworkNodeOptions): Promise<ServedNetworkNode> {
  let ownOrigin = '';
  const world = new NetworkNodeWorld({
    ...options,
    clock: new ScaledClock(options),
    // A connection for each call: the real one keeps fresh clients, and a stale idle one would look like a failure.
    call: httpOutbound(new Agent({ keepAlive: false })),
    callbackOrigin: () => options.callbackOrigin ?? ownOrigin,
    participants: otherParticipants(
      options.otherParticipants ?? 3,
      options.seed,
      options.pow ?? mainnetPowParams,
    ).map((other) =>
      options.artifactsOfOthers === undefined
        ? other
        : { ...other, artifactCount: options.artifactsOfOthers },
    ),
  });
  const callbacks = await serveNeighbour(world.callbacks, { port: options.callbackPort ?? 0 });
  ownOrigin = `http://127.0.0.1:${callbacks.port}`;
  const admin = await serveNeighbour(world, { port: options.port });
  const { chain } = options;
  const unfollow =
    chain === undefined ? () => undefined : followBlocks(chain, (block) => world.onBlock(block));
  return {
    port: admin.port,
    callbackPort: callbacks.port,
    close: async () => {
      unfollow();
      await admin.close();
      await callbacks.close();
    },
  };
}
