import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveChain } from '../../src/sandbox/chain.ts';
import { makeEd25519Key } from '../../src/sandbox/ed25519-key.ts';
import type { ServedNeighbour } from '../../src/sandbox/http-neighbour.ts';
import { serveNetworkNode, type ServedNetworkNode } from '../../src/sandbox/network-node.ts';
import { serveUpstream } from '../../src/sandbox/upstream.ts';
import { serveVast } from '../../src/sandbox/vast.ts';
import { freePort } from '../../src/sandbox/free-port.ts';
import { RecordingHost } from '../world/vast/recording-host.ts';

export const model = 'meta-llama/Llama-3.3-70B-Instruct';
type Name = 'chain' | 'vast' | 'upstream' | 'networkNode';

/** The neighbours as an operator's commands meet them, and the environment that leads there. */
export interface OperatorTown {
  readonly dir: string;
  readonly keyPath: string;
  readonly env: Record<string, string>;
  url(name: Name): string;
  fault(name: Name, fault: string, value: number): Promise<void>;
  /** From now on nobody listens there. */
  end(name: Name): Promise<void>;
  close(): Promise<void>;
}

export async function operatorTown(): Promise<OperatorTown> {
  const time = { port: 0, speed: 20, originMs: Date.now(), seed: 7 };
  const dir = mkdtempSync(join(tmpdir(), 'hybrid-operator-'));
  const keyPath = join(dir, 'id_ed25519');
  writeFileSync(keyPath, makeEd25519Key().private, { mode: 0o600 });
  const chain = await serveChain(time);
  const networkNode: ServedNetworkNode = await serveNetworkNode({
    ...time,
    chain: `http://127.0.0.1:${chain.port}`,
    governanceModels: { [model]: [] },
  });
  const served: Record<Name, ServedNeighbour> = {
    chain,
    networkNode,
    upstream: await serveUpstream({ ...time, apiKey: 'upstream-canary' }),
    vast: await serveVast({ ...time, accidents: 0, apiKey: 'vast-canary', host: new RecordingHost() }),
  };
  const ended = new Set<Name>();
  const end = async (name: Name): Promise<void> => {
    if (ended.has(name)) return;
    ended.add(name);
    await served[name].close();
  };
  const url = (name: Name): string => `http://127.0.0.1:${served[name].port}`;
  return {
    dir,
    keyPath,
    url,
    end,
    env: {
      HOME: dir,
      HYPERBOLIC_API_KEY: 'upstream-canary',
      HYPERBOLIC_BASE_URL: url('upstream'),
      MLNODE_INFERENCE_MODEL: model,
      VASTAI_API_KEY: 'vast-canary',
      VASTAI_BASE_URL: url('vast'),
      VASTAI_SSH_KEY_PATH: keyPath,
      GONKA_NETWORK_NODE_URL: url('chain'),
      GONKA_ADMIN_API_URL: url('networkNode'),
      GONKA_CALLBACK_URL: `http://127.0.0.1:${networkNode.callbackPort}`,
      VPS_IP: '127.0.0.1',
      GATEWAY_HOST: '127.0.0.1',
      HYPERBOLIC_PROXY_PORT: `${await freePort()}`,
      INSPECTION_PORT: `${await freePort()}`,
      STATE_DIR: join(dir, 'state'),
      DEPLOYMENT_ID: 'operator-town',
      RENTAL_POLICY: 'sprint',
      MAX_DAILY_SPEND: '50',
      TIME_SCALE: `${time.speed}`,
      TIME_ORIGIN_MS: `${time.originMs}`,
    },
    fault: async (name, fault, value) => {
      const body = JSON.stringify({ name: fault, value });
      const answer = await fetch(`${url(name)}/sandbox/faults`, { method: 'POST', body });
      if (!answer.ok) throw new Error(`${name} refuses the fault ${fault}`);
    },
    close: async () => {
      for (const name of Object.keys(served) as Name[]) await end(name);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
