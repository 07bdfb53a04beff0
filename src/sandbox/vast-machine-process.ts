import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { MachineBooks, MachineEndpoints } from '../world/vast/machine-host.ts';

/** Real milliseconds: for a process to get ready on a busy machine, and for an answer of its control API. */
const readyTimeoutMs = 30_000;
const controlTimeoutMs = 3_000;

/** What a machine's process prints when it is ready. */
interface ReadyLine extends MachineEndpoints {
  readonly port: number;
}

/**
 * One container as a process: told what it is by one line of JSON on its standard input, ready when it prints one line
 * of JSON, ended as a destroyed container is, without being asked. Its process group dies with it.
 */
export class VastMachineProcess {
  readonly instanceId: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #ready: ReadyLine | undefined;

  constructor(instanceId: number, args: readonly string[], spec: object) {
    this.instanceId = instanceId;
    this.#child = spawn(process.execPath, args, {
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
      // Nothing of the sandbox's own environment belongs on a rented machine.
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    });
    this.#exited = once(this.#child, 'exit').catch(() => undefined);
    this.#child.stdin?.on('error', () => undefined);
    // Stays open: the end of its input tells the machine that the sandbox is gone.
    this.#child.stdin?.write(`${JSON.stringify(spec)}\n`);
  }

  get controlPort(): number | undefined {
    return this.#ready?.port;
  }

  /** Throws when the process ends, stays silent or says something else. */
  async ready(): Promise<MachineEndpoints> {
    const { stdout } = this.#child;
    if (!stdout) throw new Error('a machine process without output');
    const lines = createInterface({ input: stdout });
    const limit = AbortSignal.timeout(readyTimeoutMs);
    const ended = this.#exited.then(() => {
      throw new Error(`machine ${this.instanceId} ended before it was ready`);
    });
    const [line] = (await Promise.race([once(lines, 'line', { signal: limit }), ended])) as [string];
    lines.close();
    stdout.resume();
    this.#ready = readyLine(line);
    return { sshPort: this.#ready.sshPort, directPort: this.#ready.directPort };
  }

  /** Its books, or undefined when it does not answer (any more). */
  async books(): Promise<MachineBooks | undefined> {
    try {
      const answer = await this.#control('/sandbox/books', {});
      return { ...((await answer.json()) as object), instanceId: this.instanceId };
    } catch {
      return undefined;
    }
  }

  async attachKey(key: string): Promise<void> {
    await this.#control('/sandbox/keys', { method: 'POST', body: JSON.stringify({ key }) });
  }

  /** SIGKILL for the group. Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.killNow();
    if (this.#child.pid !== undefined) await this.#exited;
  }

  killNow(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The whole group ended before.
    }
  }

  async #control(path: string, request: RequestInit): Promise<Response> {
    if (!this.#ready) throw new Error(`machine ${this.instanceId} is not ready`);
    const url = `http://127.0.0.1:${this.#ready.port}${path}`;
    const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(controlTimeoutMs) });
    if (!answer.ok) throw new Error(`machine ${this.instanceId}: ${path} ${answer.status}`);
    return answer;
  }
}

function readyLine(line: string): ReadyLine {
  const { port, sshPort, directPort } = JSON.parse(line) as Record<string, unknown>;
  if (typeof port !== 'number' || typeof sshPort !== 'number' || typeof directPort !== 'number') {
    throw new Error(`a machine process said ${line.slice(0, 200)}`);
  }
  return { port, sshPort, directPort };
}
