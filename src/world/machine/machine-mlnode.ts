import type { WorldClock, WorldTimer } from '../clock.ts';
import type { Outbound } from '../exchange.ts';
import type { FaultDescription } from '../neighbour.ts';
import type { Random } from '../random.ts';
import type { MachineFaultBoard } from './machine-faults.ts';
import { mergedMlnodeBooks } from './machine-mlnode-books.ts';
import { MlnodeWorld } from './mlnode.ts';
import type { PocV2Rate } from './mlnode-vllm.ts';
import type { UvicornArguments } from './uvicorn-arguments.ts';

export interface MachineMlnodeOptions {
  readonly clock: WorldClock;
  readonly random: Random;
  readonly faults: MachineFaultBoard;
  readonly gpus: readonly { readonly name: string; readonly ramMb: number }[];
  /** How the server's callbacks leave: through the machine's own loopback. */
  readonly post: Outbound;
  /** World milliseconds from the command to the open port (imports of torch and vLLM). Default 15 000, an assumption. */
  readonly startMs?: number | undefined;
  readonly modelLoadMs?: number | undefined;
  readonly noncesPerMinutePerGroup?: number | undefined;
  /** Name of the image, by which the server's routes are chosen. */
  readonly image: string;
  /** World milliseconds until vLLM is healthy, weights on disk. Default by the model's size. */
  readonly inferenceStartMs?: number | undefined;
  readonly inetDownMbps?: number | undefined;
  readonly pocV2?: PocV2Rate | undefined;
  /** Opens the port; false when somebody listens there. */
  readonly bind: (pid: number, where: UvicornArguments, node: MlnodeWorld) => Promise<boolean>;
  /** Called once when the process ends by itself: the port has to be closed and the process removed. */
  readonly ended: (pid: number) => void;
}

interface Run {
  readonly node: MlnodeWorld;
  readonly timer: WorldTimer;
}

/** The ML node processes of one machine: at most one a port, each with its own state, lost with it. */
export class MachineMlnode {
  readonly #options: MachineMlnodeOptions;
  readonly #runs = new Map<number, Run>();
  readonly #nodes: MlnodeWorld[] = [];

  constructor(options: MachineMlnodeOptions) {
    this.#options = options;
    options.faults.onChange((name, value) => this.#faultChanged(name, value));
  }

  /** Faults of the server itself, switched through the machine's board. */
  static faults(random: Random, clock: WorldClock): readonly FaultDescription[] {
    const probe = new MlnodeWorld({
      clock,
      random,
      gpus: [],
      post: () => Promise.reject(new Error('probe')),
    });
    probe.close();
    return probe.faults.descriptions;
  }

  /** A server process came to life as `pid`. */
  start(pid: number, where: UvicornArguments): void {
    const { clock, random, gpus, faults, post, modelLoadMs, noncesPerMinutePerGroup, startMs, image } =
      this.#options;
    const { inferenceStartMs, inetDownMbps, pocV2 } = this.#options;
    const node = new MlnodeWorld({
      clock,
      random: random.fork(this.#nodes.length + 1),
      gpus: faults.is('gpuBroken') ? [] : gpus,
      post,
      image,
      ...(modelLoadMs === undefined ? {} : { modelLoadMs }),
      ...(inferenceStartMs === undefined ? {} : { inferenceStartMs }),
      ...(inetDownMbps === undefined ? {} : { inetDownMbps }),
      ...(pocV2 === undefined ? {} : { pocV2 }),
      ...(noncesPerMinutePerGroup === undefined ? {} : { noncesPerMinutePerGroup }),
    });
    for (const { name } of node.faults.descriptions) node.faults.set(name, faults.get(name));
    this.#nodes.push(node);
    const timer = clock.setTimeout(() => void this.#open(pid, where, node), startMs ?? 15_000);
    this.#runs.set(pid, { node, timer });
  }

  /** The process is gone, whoever ended it. */
  stop(pid: number): void {
    const run = this.#runs.get(pid);
    if (!run) return;
    this.#runs.delete(pid);
    this.#options.clock.clearTimeout(run.timer);
    run.node.close();
  }

  /** GB of weights that all processes fetched; each one begins anew (an assumption: its cache is its own). */
  get downloadedGb(): number {
    return this.#nodes.reduce((sum, node) => sum + node.downloadedGb, 0);
  }

  /** `{ starts, alive, state, pocs }` over all processes that ever ran. */
  books(): Record<string, unknown> {
    const alive = [...this.#runs.values()].some((run) => run.node.isAlive);
    return { ...mergedMlnodeBooks(this.#nodes.map((node) => node.books())), alive };
  }

  close(): void {
    for (const pid of this.#runs.keys()) this.stop(pid);
  }

  async #open(pid: number, where: UvicornArguments, node: MlnodeWorld): Promise<void> {
    if (this.#options.faults.is('mlnodeNeverStarts')) return;
    const isOpen = await this.#options.bind(pid, where, node);
    if (!isOpen) this.#end(pid);
  }

  #end(pid: number): void {
    if (!this.#runs.has(pid)) return;
    this.stop(pid);
    this.#options.ended(pid);
  }

  #faultChanged(name: string, value: number): void {
    if (name === 'dies' && value > 0) {
      for (const pid of this.#runs.keys()) this.#end(pid);
      this.#options.faults.set('dies', 0);
    }
    for (const { node } of this.#runs.values()) {
      if (node.faults.descriptions.some((fault) => fault.name === name)) node.faults.set(name, value);
    }
  }
}
