import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { WorldClock } from '../world/clock.ts';
import type { WorldOutcome } from '../world/exchange.ts';
import { MachineAccess } from '../world/machine/machine-access.ts';
import { MachineFaultBoard } from '../world/machine/machine-faults.ts';
import { MachineMlnode } from '../world/machine/machine-mlnode.ts';
import { uvicornArguments } from '../world/machine/uvicorn-arguments.ts';
import type { Neighbour } from '../world/neighbour.ts';
import { Random } from '../world/random.ts';
import { exchange } from './http-neighbour.ts';
import { listenForServers } from './machine-announcements.ts';
import { containerEnvironment } from './machine-environment.ts';
import { SandboxLoopback } from './machine-loopback.ts';
import { makeMachineRoot } from './machine-root.ts';
import { MachineShell } from './machine-shell.ts';
import { MachineSshServer, type SshPorts } from './machine-ssh-server.ts';
import { publicOriginsOf, type MachineStart } from './machine-start.ts';

/** One rented container with real processes: its files, its shell, its loopback, its SSH server, its ML node. */
export class SandboxMachine implements Neighbour {
  readonly faults: MachineFaultBoard;
  readonly #start: MachineStart;
  readonly #root: string;
  readonly #shell: MachineShell;
  readonly #loopback: SandboxLoopback;
  readonly #access: MachineAccess;
  readonly #mlnode: MachineMlnode;
  readonly #ssh: MachineSshServer;
  readonly #stopHearing: () => void;
  #logins = 0;

  constructor(start: MachineStart, clock: WorldClock, seed: number) {
    const random = new Random(seed).fork(start.instanceId);
    this.#start = start;
    this.faults = new MachineFaultBoard(MachineMlnode.faults(random.fork(1), clock));
    this.#root = makeMachineRoot(start);
    this.#shell = new MachineShell(this.#root);
    this.#loopback = new SandboxLoopback(this.#root);
    this.#access = new MachineAccess({ ...start, clock, random: random.fork(2), faults: this.faults });
    this.#mlnode = this.#makeMlnode(clock, random.fork(3));
    const { access, shell, loopback } = {
      access: this.#access,
      shell: this.#shell,
      loopback: this.#loopback,
    };
    this.#ssh = new MachineSshServer(
      { access, shell, loopback, loggedIn: () => (this.#logins += 1) },
      this.faults,
    );
    this.#stopHearing = listenForServers(this.#root, {
      started: (pid, args) => this.#serverStarted(pid, args),
      ended: (pid) => this.#serverEnded(pid),
    });
    this.faults.onChange((name, value) => name === 'gpuBroken' && this.#breakGpu(value > 0));
    for (const [name, value] of Object.entries(start.faults ?? {})) this.faults.set(name, value);
  }

  /** Opens the SSH ports, then runs `onstart`. */
  async boot(): Promise<SshPorts> {
    const ports = await this.#ssh.listen();
    writeFileSync(join(this.#root, 'run', 'origins.json'), JSON.stringify(publicOriginsOf(this.#start)));
    const env = containerEnvironment(this.#start, this.#root, ports.directPort);
    const environ = Object.entries(env).map(([name, value]) => `${name}=${value}\0`);
    writeFileSync(join(this.#root, 'proc', '1', 'environ'), environ.join(''), { mode: 0o600 });
    if (this.#start.onstart.trim() !== '') this.#shell.runOnstart(env);
    return ports;
  }

  /** Adds one `authorized_keys` line to the running container. */
  addKey(line: string): void {
    this.#access.addKey(line);
    appendFileSync(join(this.#root, 'root', '.ssh', 'authorized_keys'), `${line}\n`);
  }

  /** A container has no public HTTP API of its own. */
  async handle(): Promise<WorldOutcome> {
    return { status: 404, body: 'a machine is reached over SSH\n' };
  }

  books(): Record<string, unknown> {
    const { instanceId, label, gpuName, gpuCount } = this.#start;
    return {
      instanceId,
      label,
      gpuName,
      gpuCount,
      connections: this.#logins,
      exposedPort8080: this.#loopback.ports.exposures,
      publishedConnections: this.#ssh.publishedConnections,
      downloadedGb: this.#mlnode.downloadedGb,
      mlnode: this.#mlnode.books(),
    };
  }

  /** Stops timers and connections; `destroy` also ends the processes. */
  close(): void {
    this.#stopHearing();
    this.#mlnode.close();
    this.#ssh.close();
    this.#loopback.close();
  }

  /** Resolves when no process and no file of the machine is left. */
  async destroy(): Promise<void> {
    this.close();
    await this.#shell.close();
  }

  #makeMlnode(clock: WorldClock, random: Random): MachineMlnode {
    const { gpuCount, gpuName, gpuRamMb, mlnodeStartMs, modelLoadMs } = this.#start;
    const { image, inetDownMbps, inferenceStartMs, pocV2 } = this.#start;
    return new MachineMlnode({
      clock,
      random,
      faults: this.faults,
      gpus: Array.from({ length: gpuCount }, () => ({ name: gpuName, ramMb: gpuRamMb })),
      post: this.#loopback.outbound(),
      startMs: mlnodeStartMs,
      modelLoadMs,
      image,
      inetDownMbps,
      inferenceStartMs,
      pocV2,
      bind: (pid, { host, port }, node) => {
        const server = createServer((incoming, outgoing) => {
          void exchange((request) => node.handle(request), incoming, outgoing);
        });
        return this.#loopback.bind({ port, host, holder: { name: 'uvicorn', pid }, server });
      },
      ended: (pid) => this.#endServer(pid),
    });
  }

  #serverStarted(pid: number, args: readonly string[]): void {
    const where = uvicornArguments(args);
    if (where) this.#mlnode.start(pid, where);
    else this.#endServer(pid);
  }

  #serverEnded(pid: number): void {
    this.#mlnode.stop(pid);
    this.#loopback.release(pid);
  }

  #endServer(pid: number): void {
    this.#loopback.release(pid);
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }

  #breakGpu(isBroken: boolean): void {
    const mark = join(this.#root, 'run', 'gpu-broken');
    if (isBroken) writeFileSync(mark, '');
    else rmSync(mark, { force: true });
  }
}
