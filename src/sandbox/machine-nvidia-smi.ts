import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nvidiaSmi, type SmiGpu } from '../world/machine/nvidia-smi.ts';

/** The `nvidia-smi` of a machine: run as a program, `root` first, then the arguments of the caller. */
const [root = '', ...args] = process.argv.slice(2);
const gpus = JSON.parse(readFileSync(join(root, 'run', 'gpus.json'), 'utf8')) as SmiGpu[];
const { exitCode, stdout, stderr } = nvidiaSmi(gpus, existsSync(join(root, 'run', 'gpu-broken')), args);
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = exitCode;
