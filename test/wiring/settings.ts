import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';

/** A sufficient configuration that leads nowhere, for parts that meet their neighbours otherwise. */
export function configWith(settings: Readonly<Record<string, string>> = {}): Config {
  const env = {
    HOME: '/home/someone',
    HYPERBOLIC_API_KEY: 'upstream-canary',
    VASTAI_API_KEY: 'vast-canary',
    VASTAI_SSH_KEY_PATH: '/home/someone/.ssh/id_ed25519',
    VPS_IP: '10.0.0.21',
    ...settings,
  };
  return loadConfig({ env, cwd: '/home/someone', files: [] }).config;
}
