import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChainFlavour } from '../world/chain/flavour.ts';
import type { ServeChainOptions } from './chain.ts';
import { makeEd25519Key } from './ed25519-key.ts';
import { freePort } from './free-port.ts';
import { NeighbourProcess } from './neighbour-process.ts';
import type { ServeNetworkNodeOptions } from './network-node.ts';
import { pocV2Market } from './town-market.ts';
import type { ServeVastOptions } from './vast.ts';

/** Keys of the town; they open nothing outside of it. */
const vastKey = 'sandbox-vast-key';
const upstreamKey = 'sandbox-upstream-key';
const model = 'meta-llama/Llama-3.3-70B-Instruct';
/** The smallest model that ever counted in PoC v2; the inference API knows it by another name. */
const pocV2Model = 'Qwen/Qwen3-32B-FP8';
const pocV2Image = 'ghcr.io/gonka-ai/mlnode:3.0.14-post2';
/** GB of one GPU that hold it without tensor parallelism. */
const pocV2GpuRamGb = '40';
/** Validation is a quarter as long as on mainnet, so there is a quarter as much to validate. */
const artifactsOfOthers = 50;
/** So many blocks after the epoch switch the town's confirmation PoC comes at the latest. */
const firstConfirmationWithinBlocks = 6;

export interface TownOptions {
  /** World seconds in a real one. */
  readonly speed: number;
  readonly seed: number;
  /** Which PoC the network runs. Default `v1`. */
  readonly flavour?: ChainFlavour;
  /** Further public nodes of the chain, which the daemon knows too. Default 0. */
  readonly furtherChainSources?: number;
  readonly chain?: Partial<ServeChainOptions>;
  readonly vast?: Partial<ServeVastOptions>;
  readonly networkNode?: Partial<ServeNetworkNodeOptions>;
  /** Further settings of the daemon, over those that lead it to this town. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** All neighbours of one daemon, each a process, and the settings with which a daemon finds them. */
export interface Town {
  readonly originMs: number;
  readonly speed: number;
  readonly flavour: ChainFlavour;
  readonly chain: NeighbourProcess;
  readonly vast: NeighbourProcess;
  readonly networkNode: NeighbourProcess;
  readonly upstream: NeighbourProcess;
  readonly gatewayUrl: string;
  readonly inspectionUrl: string;
  readonly model: string;
  /** Environment of a daemon that lives here. */
  readonly env: Readonly<Record<string, string>>;
  /** Its own directory: state, key. Removed by `close`. */
  readonly dir: string;
  close(options?: { readonly keepFiles?: boolean }): Promise<void>;
}

/** Builds a town on loopback. Everything ends with this process, or with `close`. */
export async function buildTown(options: TownOptions): Promise<Town> {
  const originMs = Date.now();
  const time = { speed: options.speed, originMs, seed: options.seed };
  const dir = await mkdtemp(join(tmpdir(), 'hybrid-town-'));
  const { flavour = 'v1' } = options;
  const isV2 = flavour.startsWith('v2');
  const served = isV2 ? pocV2Model : model;
  const governanceModels = { [served]: [] };
  const [chain, vast, upstream] = await Promise.all([
    NeighbourProcess.start('chain', time, {
      flavour,
      firstConfirmationWithinBlocks,
      furtherSources: options.furtherChainSources ?? 0,
      governanceModels,
      ...options.chain,
    }),
    NeighbourProcess.start('vast', time, {
      apiKey: vastKey,
      ...(isV2 ? { market: pocV2Market } : {}),
      ...options.vast,
    }),
    NeighbourProcess.start('upstream', time, { apiKey: upstreamKey }),
  ]);
  const networkNode = await NeighbourProcess.start('network-node', time, {
    chain: chain.url,
    governanceModels,
    pocVersion: isV2 ? 2 : 1,
    artifactsOfOthers,
    ...options.networkNode,
  });
  const sourcePorts = (chain.ready['sourcePorts'] ?? []) as readonly number[];
  const chainUrls = [chain.url, ...sourcePorts.map((port) => `http://127.0.0.1:${port}`)];
  const [gatewayPort, inspectionPort] = await Promise.all([freePort(), freePort()]);
  const keyPath = join(dir, 'id_ed25519');
  await writeFile(keyPath, makeEd25519Key().private, { mode: 0o600 });
  return {
    originMs,
    speed: options.speed,
    flavour,
    chain,
    vast,
    networkNode,
    upstream,
    gatewayUrl: `http://127.0.0.1:${gatewayPort}`,
    inspectionUrl: `http://127.0.0.1:${inspectionPort}`,
    model: served,
    dir,
    env: {
      HYPERBOLIC_API_KEY: upstreamKey,
      HYPERBOLIC_BASE_URL: upstream.url,
      HYPERBOLIC_MODEL: model,
      ...(isV2 ? pocV2Settings : {}),
      VASTAI_API_KEY: vastKey,
      VASTAI_BASE_URL: vast.url,
      VASTAI_SSH_KEY_PATH: keyPath,
      GONKA_NETWORK_NODE_URL: chainUrls.join(','),
      GONKA_ADMIN_API_URL: networkNode.url,
      VPS_IP: '127.0.0.1',
      GATEWAY_HOST: '127.0.0.1',
      MLNODE_ID: 'hybrid-sandbox',
      HYPERBOLIC_PROXY_PORT: `${gatewayPort}`,
      INSPECTION_PORT: `${inspectionPort}`,
      STATE_DIR: join(dir, 'state'),
      DEPLOYMENT_ID: `sandbox${options.seed}`,
      TIME_SCALE: `${options.speed}`,
      TIME_ORIGIN_MS: `${originMs}`,
      MAX_DAILY_SPEND: '50',
      // What is rented twice shall be seen: nothing is rented for safety in a market where nothing goes wrong.
      ...(options.vast?.accidents === 0 ? { POC_HEDGES: '0' } : {}),
      ...options.settings,
    },
    close: async ({ keepFiles = false } = {}) => {
      await Promise.all([networkNode.close(), chain.close(), vast.close(), upstream.close()]);
      if (!keepFiles) await rm(dir, { recursive: true, force: true });
    },
  };
}

/** What an operator of PoC v2 sets beside the rest. */
const pocV2Settings = {
  MLNODE_INFERENCE_MODEL: pocV2Model,
  DOCKER_IMAGE: pocV2Image,
  VASTAI_MIN_VRAM: pocV2GpuRamGb,
  VASTAI_MAX_PRICE: '3',
};
