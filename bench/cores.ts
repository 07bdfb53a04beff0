import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** One core for the load generator with the mock, one for what is measured. */
export interface Cores {
  readonly load: number;
  readonly gateway: number;
}

/** The first two cores that this process may use; undefined when there are not two, or no `taskset` to pin with. */
export function availableCores(): Cores | undefined {
  const list = /^Cpus_allowed_list:\s+(.+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  const [load, gateway] = coresOf(list ?? '');
  if (load === undefined || gateway === undefined) return undefined;
  return spawnSync('taskset', ['--version'], { timeout: 5_000 }).status === 0 ? { load, gateway } : undefined;
}

/** `0-2,5` → 0, 1, 2, 5. */
export function coresOf(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first, last] = range.split('-').map(Number);
    if (first === undefined || !Number.isInteger(first) || range === '') return [];
    return Array.from({ length: (last ?? first) - first + 1 }, (_, index) => first + index);
  });
}

/** Keeps this process, all its present and later threads, on one core. */
export function pinThisProcess(core: number): void {
  execFileSync('taskset', ['-a', '-c', '-p', String(core), String(process.pid)], { timeout: 5_000 });
}

/** The command that starts `command` on one core, under the same process id. */
export const pinned = (core: number, command: readonly string[]): { file: string; args: string[] } => ({
  file: 'taskset',
  args: ['-c', String(core), ...command],
});
