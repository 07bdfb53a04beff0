import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { type ServeChainOptions, serveChain } from '../../src/sandbox/chain.ts';
import { makeEd25519Key } from '../../src/sandbox/ed25519-key.ts';
import type { ServedNeighbour } from '../../src/sandbox/http-neighbour.ts';
import { serveNetworkNode } from '../../src/sandbox/network-node.ts';
import { serveUpstream } from '../../src/sandbox/upstream.ts';
import { type ServeVastOptions, serveVast } from '../../src/sandbox/vast.ts';
import type { MachineHost } from '../../src/world/vast/machine-host.ts';
import { freePort } from '../../src/sandbox/free-port.ts';

export const model = 'meta-llama/Llama-3.3-70B-Instruct';
export const silent = pino({ level: 'silent' });

export interface SmallTownOptions {
  /** World seconds in a real one. */
  readonly speed: number;
  readonly host: MachineHost;
  readonly chain?: Partial<ServeChainOptions>;
  readonly vast?: Partial<ServeVastOptions>;
  readonly settings?: Readonly<Record<string, string>>;
}

type NeighbourName = 'chain' | 'vast' | 'networkNode' | 'upstream';

/** The sandbox's neighbours over real HTTP, all in this process, and the settings that lead a daemon to them. */
export interface SmallTown {
  readonly originMs: number;
  readonly dir: string;
  readonly keyPath: string;
  url(name: NeighbourName): string;
  books<Books>(name: NeighbourName): Promise<Books>;
  fault(name: NeighbourName, fault: string, value: number): Promise<void>;
  /** Settings of a daemon that lives here; each call takes fresh ports for its listeners. */
  config(settings?: Readonly<Record<string, string>>): Promise<Config>;
  close(): Promise<void>;
}

export async function buildSmallTown(options: SmallTownOptions): Promise<SmallTown> {
  const time = { port: 0, speed: options.speed, originMs: Date.now(), seed: 7 };
  const dir = mkdtempSync(join(tmpdir(), 'hybrid-small-town-'));
  const keyPath = join(dir, 'id_ed25519');
  writeFileSync(keyPath, makeEd25519Key().private, { mode: 0o600 });
  const chain = await serveChain({ ...time, ...options.chain });
  const served: Record<NeighbourName, ServedNeighbour> = {
    chain,
    vast: await serveVast({
      ...time,
      accidents: 0,
      imageGb: 0.1,
      apiKey: 'vast-canary',
      host: options.host,
      ...options.vast,
    }),
    upstream: await serveUpstream({ ...time, apiKey: 'upstream-canary' }),
    networkNode: await serveNetworkNode({
      ...time,
      chain: `http://127.0.0.1:${chain.port}`,
      governanceModels: { [model]: [] },
    }),
  };
  const url = (name: NeighbourName): string => `http://127.0.0.1:${served[name].port}`;
  return {
    originMs: time.originMs,
    dir,
    keyPath,
    url,
    books: async <Books>(name: NeighbourName) =>
      (await (await fetch(`${url(name)}/sandbox/books`)).json()) as Books,
    fault: async (name, fault, value) => {
      const body = JSON.stringify({ name: fault, value });
      const answer = await fetch(`${url(name)}/sandbox/faults`, { method: 'POST', body });
      if (!answer.ok) throw new Error(`${name} refuses the fault ${fault}`);
    },
    config: async (settings = {}) => {
      const env = {
        HYPERBOLIC_API_KEY: 'upstream-canary',
        HYPERBOLIC_BASE_URL: url('upstream'),
        MLNODE_INFERENCE_MODEL: model,
        VASTAI_API_KEY: 'vast-canary',
        VASTAI_BASE_URL: url('vast'),
        VASTAI_SSH_KEY_PATH: keyPath,
        GONKA_NETWORK_NODE_URL: url('chain'),
        GONKA_ADMIN_API_URL: url('networkNode'),
        VPS_IP: '127.0.0.1',
        GATEWAY_HOST: '127.0.0.1',
        HYPERBOLIC_PROXY_PORT: `${await freePort()}`,
        INSPECTION_PORT: `${await freePort()}`,
        STATE_DIR: join(dir, 'state'),
        DEPLOYMENT_ID: 'small-town',
        RENTAL_POLICY: 'sprint',
        MAX_DAILY_SPEND: '50',
        TIME_SCALE: `${options.speed}`,
        TIME_ORIGIN_MS: `${time.originMs}`,
        ...options.settings,
        ...settings,
      };
      return loadConfig({ env, cwd: dir, files: [] }).config;
    },
    close: async () => {
      await Promise.all(Object.values(served).map((neighbour) => neighbour.close()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
