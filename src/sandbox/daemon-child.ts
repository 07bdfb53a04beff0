import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { programPath } from './program.ts';
import type { Town } from './town.ts';

const mainPath = programPath('main');

/** Real milliseconds for the daemon to answer on its inspection port. */
const upTimeoutMs = 30_000;
const askPauseMs = 50;
const logCharsShown = 2_000;

/** A daemon in a process of its own, started as an operator would; its log goes to a file of the town. */
export class DaemonChild {
  readonly logPath: string;
  readonly #town: Town;
  readonly #child: ChildProcess;
  readonly #exited: Promise<number>;
  /** `program`: the command line behind Node; by default this program's own `start`. */
  constructor(town: Town, options: { args?: readonly string[]; program?: readonly string[] } = {}) {
    this.#town = town;
    this.logPath = join(town.dir, 'daemon.log');
    const log = openSync(this.logPath, 'a');
    this.#child = spawn(
      process.execPath,
      [...(options.program ?? [mainPath, 'start']), ...(options.args ?? [])],
      {
        cwd: town.dir,
        // Nothing of the caller's own settings may leak into the town.
        env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: town.dir, ...town.env },
        stdio: ['ignore', log, log],
        // Ctrl-C at a terminal is for whoever runs the town, who then stops the daemon: a second signal would cut that short.
        detached: true,
      },
    );
    this.#exited = once(this.#child, 'exit').then(
      ([code, signal]) => (code as number | null) ?? (signal === 'SIGKILL' ? 137 : 143),
    );
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Resolves with the exit code, 137 after a SIGKILL. */
  get exited(): Promise<number> {
    return this.#exited;
  }

  /** Resolves when the inspection answers. Throws when the daemon ends before. */
  async up(): Promise<void> {
    const until = performance.now() + upTimeoutMs;
    while (performance.now() < until && this.#child.exitCode === null && this.#child.signalCode === null) {
      const answer = await fetch(`${this.#town.inspectionUrl}/livez`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((resolve) => {
        setTimeout(resolve, askPauseMs);
      });
    }
    // The town's files may be gone when this is read.
    const last = readFileSync(this.logPath, 'utf8').slice(-logCharsShown);
    throw new Error(`the daemon did not come up; the end of its log ${this.logPath}:\n${last}`);
  }

  signal(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void {
    this.#child.kill(signal);
  }
}
