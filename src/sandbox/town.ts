import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServeChainOptions } from './chain.ts';
import { makeEd25519Key } from './ed25519-key.ts';
import { NeighbourProcess } from './neighbour-process.ts';
import type { ServeVastOptions } from './vast.ts';

/** Keys of the town; they open nothing outside of it. */
const vastKey = 'sandbox-vast-key';
const upstreamKey = 'sandbox-upstream-key';
const model = 'meta-llama/Llama-3.3-70B-Instruct';

export interface TownOptions {
  /** World seconds in a real one. */
  readonly speed: number;
  readonly seed: number;
  readonly chain?: Partial<ServeChainOptions>;
  readonly vast?: Partial<ServeVastOptions>;
  /** Further settings of the daemon, over those that lead it to this town. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** All neighbours of one daemon, each a process, and the settings with which a daemon finds them. */
export interface Town {
  readonly originMs: number;
  readonly speed: number;
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
  const [chain, vast, upstream] = await Promise.all([
    NeighbourProcess.start('chain', time, options.chain),
    NeighbourProcess.start('vast', time, { apiKey: vastKey, ...options.vast }),
    NeighbourProcess.start('upstream', time, { apiKey: upstreamKey }),
  ]);
  const networkNode = await NeighbourProcess.start('network-node', time, {
    chain: chain.url,
    governanceModels: { [model]: [] },
  });
  const [gatewayPort, inspectionPort] = await Promise.all([freePort(), freePort()]);
  const keyPath = join(dir, 'id_ed25519');
  await writeFile(keyPath, makeEd25519Key().private, { mode: 0o600 });
  return {
    originMs,
    speed: options.speed,
    chain,
    vast,
    networkNode,
    upstream,
    gatewayUrl: `http://127.0.0.1:${gatewayPort}`,
    inspectionUrl: `http://127.0.0.1:${inspectionPort}`,
    model,
    dir,
    env: {
      HYPERBOLIC_API_KEY: upstreamKey,
      HYPERBOLIC_BASE_URL: upstream.url,
      HYPERBOLIC_MODEL: model,
      VASTAI_API_KEY: vastKey,
      VASTAI_BASE_URL: vast.url,
      VASTAI_SSH_KEY_PATH: keyPath,
      GONKA_NETWORK_NODE_URL: chain.url,
      GONKA_ADMIN_API_URL: networkNode.url,
      VPS_IP: '127.0.0.1',
      MLNODE_ID: 'hybrid-sandbox',
      HYPERBOLIC_PROXY_PORT: `${gatewayPort}`,
      INSPECTION_PORT: `${inspectionPort}`,
      STATE_DIR: join(dir, 'state'),
      DEPLOYMENT_ID: `sandbox${options.seed}`,
      TIME_SCALE: `${options.speed}`,
      TIME_ORIGIN_MS: `${originMs}`,
      MAX_DAILY_SPEND: '50',
      ...options.settings,
    },
    close: async ({ keepFiles = false } = {}) => {
      await Promise.all([networkNode.close(), chain.close(), vast.close(), upstream.close()]);
      if (!keepFiles) await rm(dir, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
