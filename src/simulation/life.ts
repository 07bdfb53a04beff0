import type { Config } from '../config/config.ts';
import type { Mlnode } from '../adapters/mlnode/interface.ts';
import type { ReverseReceiver, SshSession } from '../adapters/ssh/interface.ts';
import type { SqliteStore } from '../runtime/sqlite-store.ts';
import type { JournalEntry } from '../runtime/interface.ts';
import type { VirtualClock } from '../runtime/virtual-clock.ts';
import type { MlnodeDesk } from '../server/mlnode-api/desk.ts';
import { createDaemon, type Daemon } from '../wiring/daemon.ts';
import type { Neighbours } from '../wiring/neighbours.ts';
import type { FaultBoard } from '../world/neighbour.ts';
import type { Random } from '../world/random.ts';
import { CrashDice } from './crash-dice.ts';
import { Fence } from './fence.ts';
import { deploymentId } from './settings.ts';
import { type LoggedEvent, silentLog } from './silent-log.ts';

export interface LifeOptions {
  readonly config: Config;
  readonly clock: VirtualClock;
  readonly store: SqliteStore;
  readonly neighbours: Neighbours;
  readonly random: Random;
  readonly crashRate: number;
  /** What is wrong at home. */
  readonly home: FaultBoard;
  /** So far from true time the wall clock stood when this life began. */
  readonly clockWrongByMs: number;
  isInferenceHealthy(): boolean;
  /** After each commit of the durable rows; `life` is the one that committed. */
  onStep(entry: JournalEntry, life: DaemonLife): void;
  /** After each step of the rows in memory. */
  onVolatileStep(entry: JournalEntry): void;
  onLog(logged: LoggedEvent): void;
  /** The daemon died, in the middle of whatever it did. */
  onDeath(life: DaemonLife): void;
}

/** One daemon from its start to its end, over a store that outlives it. */
export class DaemonLife {
  readonly daemon: Daemon;
  /** Its desk as the gateway is given it: calls that a dying daemon leaves are broken off. */
  readonly desk: MlnodeDesk;
  readonly #options: LifeOptions;
  readonly #fence = new Fence();
  readonly #dice: CrashDice;

  constructor(options: LifeOptions) {
    this.#options = options;
    this.#dice = new CrashDice({
      random: options.random.fork(1),
      rate: options.crashRate,
      kill: () => this.#die(),
    });
    const random = options.random.fork(2);
    this.daemon = createDaemon({
      config: options.config,
      deploymentId,
      store: this.#dice.store(options.store),
      clock: this.#fence.clock(options.clock, options.clockWrongByMs),
      neighbours: this.#fenced(options.neighbours),
      log: silentLog((logged) => this.#fence.isDown || options.onLog(logged)),
      isInferenceHealthy: () => options.isInferenceHealthy(),
      random: () => random.next(),
    });
    this.desk = this.#broken(this.daemon.desk);
  }

  get isOver(): boolean {
    return this.#fence.isDown;
  }

  start(): void {
    const { daemon } = this;
    // What a dead one tells may have been rolled back; what was not is in the journal.
    daemon.rows.onStep((entry) => this.isOver || this.#options.onStep(entry, this));
    daemon.volatileRows.onStep((entry) => this.#options.onVolatileStep(entry));
    daemon.start();
    daemon.register();
  }

  /** The computer goes down, whatever is under way. */
  kill(): void {
    this.#dice.seal();
    this.#die();
  }

  /** The end of a run: work is aborted and nothing is written any more. */
  end(): void {
    this.#dice.seal();
    this.#halt();
  }

  #die(): void {
    this.#halt();
    this.#options.onDeath(this);
  }

  /** What the kernel does to a killed process: its connections close, nothing else of it happens. */
  #halt(): void {
    this.#fence.drop();
    const { rows, volatileRows, desk, follower, post } = this.daemon;
    // What waits for a dead one would wait for ever.
    void rows.stop(0);
    void volatileRows.stop(0);
    desk.close();
    follower.stop();
    void post.deliverer.stop(0);
  }

  #fenced(neighbours: Neighbours): Neighbours {
    const { chain, governance, vast, ssh, networkNode, backEnds } = neighbours;
    const line = this.#fence.around(networkNode);
    const shell = this.#fence.around(ssh);
    return {
      chain: this.#fence.around(chain),
      ...(governance === undefined ? {} : { governance: this.#fence.around(governance) }),
      vast: this.#fence.around(vast),
      networkNode: {
        nodes: (signal) => line.nodes(signal),
        upsert: (definition, signal) => line.upsert(definition, signal),
        remove: (id, signal) => line.remove(id, signal),
        deliver: (callback, signal) => this.#dice.noted(line.deliver(callback, signal)),
      },
      ssh: {
        publicKey: () => ssh.publicKey(),
        connect: async (target, limits) => this.#session(await shell.connect(target, limits)),
      },
      backEnds,
      mlnode: (transport): Mlnode => this.#fence.around(neighbours.mlnode(transport)),
    };
  }

  /** The daemon may die after it took a callback and before the machine hears so. */
  #session(session: SshSession): SshSession {
    const fenced = this.#fence.around(session);
    const receiverOf =
      (receiver: ReverseReceiver): ReverseReceiver =>
      (request) =>
        this.#fence.orBroken(async () => {
          const answer = await this.#dice.noted(receiver(request));
          if (this.#options.home.take('flapsInCallback')) {
            session.close();
            throw new Error('the tunnel broke before the answer came');
          }
          return answer;
        });
    return {
      hostKey: session.hostKey,
      endpoint: session.endpoint,
      closed: session.closed,
      exec: (command, options) => fenced.exec(command, options),
      transport: (port) => session.transport(port),
      reverse: (port, receiver, signal) => fenced.reverse(port, receiverOf(receiver), signal),
      // The connections of a dead process close too.
      close: () => session.close(),
    };
  }

  #broken(desk: MlnodeDesk): MlnodeDesk {
    return {
      view: () => desk.view(),
      devices: () => desk.devices?.() ?? [],
      stop: () => this.#fence.orBroken(() => desk.stop()),
      inferenceUp: (body) => this.#fence.orBroken(() => desk.inferenceUp(body)),
      inferenceDown: () => this.#fence.orBroken(() => desk.inferenceDown()),
      pow: (call, body) => this.#fence.orBroken(() => desk.pow(call, body)),
      pocV2: (call, body) => this.#fence.orBroken(async () => (await desk.pocV2?.(call, body)) ?? noBackEnds),
      pocV2Result: (id) => this.#fence.orBroken(async () => (await desk.pocV2Result?.(id)) ?? noBackEnds),
      pocV2Polled: () => desk.pocV2Polled?.(),
    };
  }
}

/** Of a desk that knows no PoC v2. */
const noBackEnds = { status: 503, body: '{"detail":"No vLLM backends available"}' };
