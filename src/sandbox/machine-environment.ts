import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MachineSpec } from '../world/vast/machine-host.ts';
import { prefixed } from './machine-prefix.ts';

type Environment = Record<string, string>;

/**
 * What the container's first process, and so `onstart`, sees: Vast.ai's own variables, the create body's `env`, and
 * HOME and PATH of the image; nothing of the host (docs/reference/vast.md "SSH and networking").
 */
export function containerEnvironment(spec: MachineSpec, root: string, directPort: number): Environment {
  const env = Object.entries(spec.env).map(([name, value]) => [name, prefixed(value, root)]);
  return {
    ...(Object.fromEntries(env) as Environment),
    HOME: join(root, 'root'),
    PATH: path(root),
    CONTAINER_ID: String(spec.instanceId),
    CONTAINER_API_KEY: spec.containerApiKey,
    VAST_CONTAINERLABEL: `C.${spec.instanceId}`,
    VAST_TCP_PORT_22: String(directPort),
    PUBLIC_IPADDR: '127.0.0.1',
    SSH_PUBLIC_KEY: spec.authorizedKeys.join('\n'),
    GPU_COUNT: String(spec.gpuCount),
    DATA_DIRECTORY: `${join(root, 'workspace')}/`,
  };
}

/** What a command over SSH sees: none of the container's variables, unless `onstart` put them in /etc/environment. */
export function sshEnvironment(root: string): Environment {
  return {
    HOME: join(root, 'root'),
    PATH: path(root),
    USER: 'root',
    SHELL: '/bin/sh',
    PWD: join(root, 'root'),
    LANG: 'C.UTF-8',
    ...loginVariables(readFileSync(join(root, 'etc', 'environment'), 'utf8')),
  };
}

const path = (root: string): string => `${join(root, 'bin')}:/usr/local/bin:/usr/bin:/bin`;

/** As `pam_env` reads the file: `NAME=value` lines, an `export` in front, one pair of quotes. */
function loginVariables(text: string): Environment {
  const found: Environment = {};
  for (const line of text.split('\n')) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line);
    if (match?.[1] === undefined) continue;
    const value = (match[2] ?? '').trim();
    found[match[1]] = /^(["']).*\1$/.test(value) ? value.slice(1, -1) : value;
  }
  return found;
}
