import type { WorldClock, WorldTimer } from '../clock.ts';
import type { WorldCall, WorldOutcome } from '../exchange.ts';
import type { Neighbour } from '../neighbour.ts';
import type { Random } from '../random.ts';
import type { MachineSpec } from '../vast/machine-host.ts';
import { Loopback } from './loopback.ts';
import { MachineAccess, type SshPath } from './machine-access.ts';
import { runCommand } from './machine-commands.ts';
import { MachineConnection, type ConnectionPlace, type LoopbackHandler } from './machine-connection.ts';
import { MachineFaultBoard } from './machine-faults.ts';
import { MachineMlnode } from './machine-mlnode.ts';
import type { PocV2Rate } from './mlnode-vllm.ts';
import { onstartOutline, type OnstartOutline } from './onstart-outline.ts';

export interface WorldMachineOptions {
  readonly spec: MachineSpec;
  readonly clock: WorldClock;
  readonly random: Random;
  /** World milliseconds; defaults as `MachineAccessOptions` and `MachineMlnodeOptions` say. */
  readonly sshOpenMs?: number;
  readonly authLateMs?: number;
  readonly mlnodeStartMs?: number;
  readonly modelLoadMs?: number;
  /** Valid nonces a minute of one GPU group at mainnet parameters; default by the GPU's name. */
  readonly noncesPerMinutePerGroup?: number;
  /** World milliseconds until vLLM is healthy, weights on disk; default by the model's size. */
  readonly inferenceStartMs?: number;
  /** How much PoC v2 is played; default: as much as such GPUs compute. */
  readonly pocV2?: PocV2Rate;
  /** The `DELETE` that the machine sends for itself when its `onstart` says so; repeated while the machine lives. */
  readonly selfDestroy?: () => void;
}

/**
 * A rented machine in this process, for the simulation: the same access rules, loopback, faults and ML node as the
 * sandbox's, without a shell: of `onstart` only its outline happens, of commands only those that the daemon sends.
 */
export class WorldMachine implements Neighbour {
  readonly clock: WorldClock;
  readonly faults: MachineFaultBoard;
  readonly access: MachineAccess;
  readonly #spec: MachineSpec;
  readonly #loopback = new Loopback<LoopbackHandler>();
  readonly #connections = new Map<number, MachineConnection>();
  readonly #mlnode: MachineMlnode;
  readonly #random: Random;
  readonly #gpus: readonly { name: string; ramMb: number }[];
  #hostKey: string;
  #nextPid = 200;
  #logins = 0;
  #thaw = Promise.withResolvers<void>();
  #selfDestroy: WorldTimer | undefined;
  #pulseAt: number;

  constructor(options: WorldMachineOptions) {
    const { spec, clock, random } = options;
    this.#spec = spec;
    this.clock = clock;
    this.#pulseAt = clock.now();
    this.#random = random.fork(11);
    this.#hostKey = this.#newHostKey();
    this.#gpus = Array.from({ length: spec.gpuCount }, () => ({ name: spec.gpuName, ramMb: spec.gpuRamMb }));
    this.faults = new MachineFaultBoard(MachineMlnode.faults(random.fork(1), clock));
    this.access = new MachineAccess({ ...spec, ...options, random: random.fork(2), faults: this.faults });
    this.#mlnode = new MachineMlnode({
      clock,
      random: random.fork(3),
      faults: this.faults,
      gpus: this.#gpus,
      post: (call) => this.#post(call),
      startMs: options.mlnodeStartMs,
      modelLoadMs: options.modelLoadMs,
      noncesPerMinutePerGroup: options.noncesPerMinutePerGroup,
      image: spec.image,
      inferenceStartMs: options.inferenceStartMs,
      inetDownMbps: spec.inetDownMbps,
      pocV2: options.pocV2,
      bind: async (pid, { host, port }, node) =>
        this.#loopback.bind({
          port,
          host,
          holder: { name: 'uvicorn', pid },
          listener: (request) => node.handle(request),
        }),
      ended: (pid) => this.#loopback.release(pid),
    });
    this.faults.onChange((name, value) => this.#faultChanged(name, value));
    const { server, selfDestroy } = onstartOutline(spec.onstart, spec.env);
    if (server) this.#mlnode.start(this.#pid(), server);
    if (selfDestroy) this.#destroyLater(selfDestroy, options.selfDestroy);
  }

  /**
   * A login over one of the two paths. `closed`: dropped before a byte; `refused`: the key is not taken (yet). Waits
   * while the machine is frozen. `accepts` sees the host key first; a client that refuses it gets `hostKeyRefused`.
   */
  async connect(
    path: SshPath,
    user: string,
    publicKey: string,
    accepts: (hostKey: string) => boolean,
  ): Promise<MachineConnection | 'closed' | 'refused' | 'hostKeyRefused'> {
    if (!this.access.isOpen(path)) return 'closed';
    await this.#thawed();
    if (this.faults.take('hostKeyChanges')) this.#hostKey = this.#newHostKey();
    if (!accepts(this.#hostKey)) return 'hostKeyRefused';
    if (!this.access.accepts(user, publicKey)) return 'refused';
    const connection = new MachineConnection(this.#pid(), this.#hostKey, this.#place());
    this.#connections.set(connection.pid, connection);
    this.#logins += 1;
    return connection;
  }

  /** A container has no public HTTP API of its own. */
  async handle(): Promise<WorldOutcome> {
    return { status: 404, body: 'a machine is reached over SSH\n' };
  }

  books(): Record<string, unknown> {
    const { instanceId, label, gpuName, gpuCount } = this.#spec;
    const mlnode = this.#mlnode.books();
    const exposedPort8080 = this.#loopback.exposures;
    const { downloadedGb } = this.#mlnode;
    return {
      instanceId,
      label,
      gpuName,
      gpuCount,
      connections: this.#logins,
      exposedPort8080,
      downloadedGb,
      mlnode,
    };
  }

  /** The container is gone, with everything on it. */
  close(): void {
    this.clock.clearTimeout(this.#selfDestroy);
    this.#mlnode.close();
    for (const connection of this.#connections.values()) connection.end(new Error('the machine is gone'));
  }

  #place(): ConnectionPlace {
    return {
      isFrozen: () => this.faults.is('frozen'),
      thawed: () => this.#thawed(),
      run: (command) =>
        runCommand(command, {
          gpus: this.#gpus,
          isGpuBroken: this.faults.is('gpuBroken'),
          pulse: () => (this.#pulseAt = this.clock.now()),
          kill: (pid) => this.#kill(pid),
        }),
      reach: (port, request) => this.#loopback.at(port)?.listener(request),
      bind: (pid, port, listener) =>
        this.#loopback.bind({ port, host: '127.0.0.1', holder: { name: 'sshd', pid }, listener }),
      release: (pid) => {
        this.#loopback.release(pid);
        this.#connections.delete(pid);
      },
      endHolder: (pid, port) => {
        const holder = this.#loopback.at(port)?.holder;
        if (!holder) return 'free';
        if (holder.pid === pid) return 'own';
        if (holder.name !== 'sshd') return 'foreign';
        this.#kill(holder.pid);
        return 'released';
      },
    };
  }

  #kill(pid: number): boolean {
    const connection = this.#connections.get(pid);
    const wasHolder = this.#loopback.entries().some(({ holder }) => holder.pid === pid);
    connection?.end(new Error('the connection was ended on the machine'));
    this.#mlnode.stop(pid);
    this.#loopback.release(pid);
    return connection !== undefined || wasHolder;
  }

  /** From a program on the machine to the machine's own loopback; no other host is known there. */
  async #post(call: WorldCall): Promise<{ status: number; body: string }> {
    const { hostname, port, pathname, search } = new URL(call.url);
    if (hostname !== '127.0.0.1' && hostname !== 'localhost')
      throw new Error(`getaddrinfo ENOTFOUND ${hostname}`);
    const listener = this.#loopback.at(Number(port || 80))?.listener;
    if (!listener) throw new Error(`connect ECONNREFUSED ${hostname}:${port}`);
    const outcome = await listener({ ...call, path: `${pathname}${search}` });
    if (outcome === 'hang') return this.#silence(call.timeoutMs);
    if (outcome === 'drop') throw new Error('socket hang up');
    if (typeof outcome.body !== 'string') throw new Error('a stream is no answer to a callback');
    return { status: outcome.status, body: outcome.body };
  }

  /** No answer: the caller waits for its own limit, or for ever. */
  #silence(timeoutMs: number | undefined): Promise<never> {
    return new Promise((_resolve, reject) => {
      if (timeoutMs !== undefined)
        this.clock.setTimeout(() => reject(new Error('the operation timed out')), timeoutMs);
    });
  }

  async #thawed(): Promise<void> {
    while (this.faults.is('frozen')) await this.#thaw.promise;
  }

  #faultChanged(name: string, value: number): void {
    if (name === 'frozen' && value === 0) {
      this.#thaw.resolve();
      this.#thaw = Promise.withResolvers<void>();
    }
    if (name === 'sshDies' && value > 0) {
      for (const connection of this.#connections.values())
        connection.end(new Error('the other side closed it'));
      this.faults.set('sshDies', 0);
    }
  }

  /** Waits out a life that nobody renews, then asks again and again. */
  #destroyLater(
    terms: NonNullable<OnstartOutline['selfDestroy']>,
    send: (() => void) | undefined,
    inMs = terms.afterMs,
  ): void {
    this.#selfDestroy = this.clock.setTimeout(() => {
      const leftMs = terms.isRenewable ? this.#pulseAt + terms.afterMs - this.clock.now() : 0;
      this.#destroyLater(terms, send, leftMs > 0 ? leftMs : terms.retryMs);
      if (leftMs <= 0) send?.();
    }, inMs);
  }

  #pid(): number {
    return (this.#nextPid += 7);
  }

  #newHostKey(): string {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const letters = Array.from({ length: 43 }, () => alphabet[Math.floor(this.#random.next() * 64)]);
    return `SHA256:${letters.join('')}`;
  }
}
