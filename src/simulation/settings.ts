import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/config.ts';

/** Keys of the simulated town; they open nothing outside of it. */
export const vastKey = 'simulated-vast-key';
export const deploymentId = 'simulated';
export const servedModel = 'meta-llama/Llama-3.3-70B-Instruct';

/** The daemon's settings in a simulation: its defaults, and what leads it to this town. */
export function simulatedConfig(settings: Readonly<Record<string, string>> = {}): Config {
  const env = {
    HYPERBOLIC_API_KEY: 'simulated-upstream-key',
    MLNODE_INFERENCE_MODEL: servedModel,
    VASTAI_API_KEY: vastKey,
    VASTAI_SSH_KEY_PATH: '/simulated/id_ed25519',
    VASTAI_BASE_URL: 'http://vast',
    GONKA_NETWORK_NODE_URL: 'http://chain.world',
    GONKA_ADMIN_API_URL: 'http://network-node.world:9200',
    VPS_IP: '192.0.2.1',
    MLNODE_ID: 'hybrid-simulated',
    STATE_DIR: '/simulated/state',
    DEPLOYMENT_ID: deploymentId,
    ...settings,
  };
  return loadConfig({ env, cwd: '/', files: [] }).config;
}
