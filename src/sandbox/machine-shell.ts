import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sshEnvironment } from './machine-environment.ts';
import { MachineGuardian } from './machine-guardian.ts';
import { withOwnPortRelease } from './machine-port-release.ts';
import { prefixed } from './machine-prefix.ts';

/** Real processes of one machine; all of them are gone after `close`. */
export class MachineShell {
  readonly root: string;
  readonly #guardian: MachineGuardian;
  readonly #groups = new Set<ChildProcess>();

  constructor(root: string) {
    this.root = root;
    this.#guardian = new MachineGuardian(root);
  }

  /** Runs `/root/onstart.sh` as the container's start does; its output goes to the container log. */
  runOnstart(env: Readonly<Record<string, string>>): void {
    const script = join(this.root, 'root', 'onstart.sh');
    const shell =
      /^#!.*\bbash\b/.test(readFileSync(script, 'utf8')) && existsSync('/bin/bash') ? 'bash' : 'sh';
    const log = openSync(join(this.root, 'run', 'container.log'), 'a');
    this.#start(spawn(`/bin/${shell}`, [script], { ...this.#place(env), stdio: ['ignore', log, log] }));
    closeSync(log);
  }

  /** A command over SSH: the login shell's environment, not the container's. `sshdPid`: the connection's process. */
  exec(command: string, sshdPid: number): ChildProcess {
    const place = this.#place(sshEnvironment(this.root));
    const text = withOwnPortRelease(prefixed(command, this.root), this.root, sshdPid);
    return this.#start(spawn('/bin/sh', ['-c', text], { ...place, stdio: 'pipe' }));
  }

  /** The sshd child of one connection: whoever ends it ends the connection. */
  sshdChild(): ChildProcess {
    const place = this.#place({ PATH: join(this.root, 'bin') });
    return this.#start(
      spawn('/bin/sh', ['-c', 'read -r _'], {
        ...place,
        argv0: 'sshd: root@notty',
        stdio: ['pipe', 'ignore', 'ignore'],
      }),
    );
  }

  async close(): Promise<void> {
    for (const { pid } of this.#groups) signalGroup(pid);
    await this.#guardian.finish();
  }

  #place(env: Readonly<Record<string, string>>): {
    cwd: string;
    env: Record<string, string>;
    detached: true;
  } {
    return { cwd: join(this.root, 'root'), env: { ...env }, detached: true };
  }

  #start(child: ChildProcess): ChildProcess {
    this.#groups.add(child);
    child.on('error', () => this.#groups.delete(child));
    child.on('exit', () => this.#groups.delete(child));
    child.stdin?.on('error', () => undefined);
    return child;
  }
}

/** Ends a process group that this shell started. */
function signalGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}
