import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MachineSpec } from '../world/vast/machine-host.ts';
import { prefixed } from './machine-prefix.ts';
import { shims } from './machine-shims.ts';

const directories = [
  'bin',
  'root/.ssh',
  'etc',
  'var/log',
  'tmp',
  'workspace',
  'app',
  'opt',
  'proc/1',
  'run/lo',
];

/** Makes the directory that a machine takes for `/`. Whoever runs the machine removes it. */
export function makeMachineRoot(spec: MachineSpec): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ghm-machine-')));
  for (const directory of directories) mkdirSync(join(root, directory), { recursive: true });
  for (const [name, text] of Object.entries(shims(root))) {
    writeFileSync(join(root, 'bin', name), `#!/bin/sh\n${text.trimStart()}`, { mode: 0o755 });
  }
  chmodSync(join(root, 'root', '.ssh'), 0o700);
  write(join(root, 'etc', 'environment'), '');
  write(join(root, 'root', '.ssh', 'authorized_keys'), spec.authorizedKeys.map((key) => `${key}\n`).join(''));
  write(join(root, 'root', 'onstart.sh'), prefixed(spec.onstart, root));
  const gpus = Array.from({ length: spec.gpuCount }, () => ({ name: spec.gpuName, ramMb: spec.gpuRamMb }));
  write(join(root, 'run', 'gpus.json'), JSON.stringify(gpus));
  closeSync(openSync(join(root, 'run', 'container.log'), 'a'));
  execFileSync('mkfifo', [join(root, 'run', 'starts'), join(root, 'run', 'forever')]);
  return root;
}

const write = (path: string, text: string): void => writeFileSync(path, text, { mode: 0o600 });
