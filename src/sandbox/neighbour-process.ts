import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { programPath } from './program.ts';

/** Real milliseconds for a process to get ready on a busy machine, and for one answer of a control API. */
const readyTimeoutMs = 30_000;
const controlTimeoutMs = 10_000;

const mainPath = programPath('main');

export interface NeighbourTime {
  readonly speed: number;
  readonly originMs: number;
  readonly seed: number;
}

/** One neighbour as a process of its own, and its control API. It ends when this process does. */
export class NeighbourProcess {
  readonly name: string;
  readonly ready: Readonly<Record<string, unknown>> & { readonly port: number };
  readonly #child: ChildProcess;
  private constructor(name: string, child: ChildProcess, ready: NeighbourProcess['ready']) {
    this.name = name;
    this.#child = child;
    this.ready = ready;
  }

  /** Throws when the process ends, stays silent or says something that is no ready line. */
  static async start(name: string, time: NeighbourTime, options: object = {}): Promise<NeighbourProcess> {
    const args = ['sandbox', name, '--with-parent', '--port', '0', '--options', JSON.stringify(options)];
    const scale = ['--speed', `${time.speed}`, '--origin', `${time.originMs}`, '--seed', `${time.seed}`];
    const child = spawn(process.execPath, [mainPath, ...args, ...scale], {
      stdio: ['pipe', 'pipe', 'inherit'],
      // Out of the terminal's reach: at Ctrl-C the daemon still needs its neighbours to return its machines.
      detached: true,
    });
    child.stdin.on('error', () => undefined);
    const lines = createInterface({ input: child.stdout });
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`${name} ended with ${code} before it was ready`);
    });
    const [line] = (await Promise.race([
      once(lines, 'line', { signal: AbortSignal.timeout(readyTimeoutMs) }),
      ended,
    ])) as [string];
    ended.catch(() => undefined);
    lines.close();
    child.stdout.resume();
    return new NeighbourProcess(name, child, JSON.parse(line) as NeighbourProcess['ready']);
  }

  get url(): string {
    return `http://127.0.0.1:${this.ready.port}`;
  }

  async books<Books>(): Promise<Books> {
    const answer = await this.#control('/sandbox/books');
    return (await answer.json()) as Books;
  }

  /** Switches a fault of the neighbour's catalogue. Throws for a name that it lacks. */
  async setFault(fault: string, value: number): Promise<void> {
    await this.#control('/sandbox/faults', { method: 'POST', body: JSON.stringify({ name: fault, value }) });
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await exited;
    clearTimeout(limit);
  }

  async #control(path: string, request: RequestInit = {}): Promise<Response> {
    const answer = await fetch(this.url + path, {
      ...request,
      signal: AbortSignal.timeout(controlTimeoutMs),
    });
    if (!answer.ok) throw new Error(`${this.name}: ${path} answered ${answer.status}`);
    return answer;
  }
}
