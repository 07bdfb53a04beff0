import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';

/**
 * Ends every process that was started on a machine, whatever session or group it moved to, then removes the
 * machine's directory. Processes are known by the machine's path (random, made for it alone) in their environment.
 * A process of its own that waits for the end of its input, so that it also cleans up after a killed sandbox.
 */
export class MachineGuardian {
  readonly #process: ChildProcess;
  readonly #root: string;
  constructor(root: string) {
    this.#root = root;
    this.#process = spawn('/bin/sh', ['-c', script, 'machine-guardian', root], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: '/usr/bin:/bin' },
      detached: true,
    });
    this.#process.stdin?.on('error', () => undefined);
  }
  /** Resolves when nothing of the machine is left. */
  async finish(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const gone = once(this.#process, 'exit');
      this.#process.stdin?.end();
      await gone;
    }
    await rm(this.#root, { recursive: true, force: true });
  }
}

const script = String.raw`
read -r _
tries=0
while [ $tries -lt 40 ]; do
  files=$(grep -lsF "$1/" /proc/[0-9]*/environ)
  [ -n "$files" ] || break
  for file in $files; do pid=${'$'}{file#/proc/}; kill -KILL "${'$'}{pid%/environ}" 2>/dev/null; done
  tries=$((tries + 1))
  sleep 0.02
done
rm -rf "$1"
`;
