import type { WorldOutcome, WorldRequest } from '../exchange.ts';
import type { CommandResult } from './nvidia-smi.ts';

export type LoopbackHandler = (request: WorldRequest) => Promise<WorldOutcome>;

/** What a connection needs of its machine. */
export interface ConnectionPlace {
  readonly isFrozen: () => boolean;
  /** Resolves at once, or when the machine thaws. */
  readonly thawed: () => Promise<void>;
  readonly run: (command: string) => CommandResult;
  readonly reach: (port: number, request: WorldRequest) => Promise<WorldOutcome> | undefined;
  readonly bind: (pid: number, port: number, handler: LoopbackHandler) => boolean;
  readonly release: (pid: number) => void;
  /** What became of the holder of a port, seen from the connection with this number. */
  readonly endHolder: (pid: number, port: number) => 'free' | 'own' | 'released' | 'foreign';
}

/** An SSH login on a machine without a wire. Its process on the machine is `pid`; its listeners belong to that. */
export class MachineConnection {
  readonly hostKey: string;
  readonly pid: number;
  /** Resolves when the client knows that the connection is gone; undefined = closed in order. */
  readonly closed: Promise<Error | undefined>;
  readonly #place: ConnectionPlace;
  readonly #over = Promise.withResolvers<void>();
  #tellClient: (reason: Error | undefined) => void = () => undefined;
  #isLost = false;
  #isOver = false;

  constructor(pid: number, hostKey: string, place: ConnectionPlace) {
    this.pid = pid;
    this.hostKey = hostKey;
    this.#place = place;
    this.closed = new Promise((resolve) => (this.#tellClient = resolve));
  }

  get isOpen(): boolean {
    return !this.#isOver && !this.#isLost;
  }
  /** Rejects when the connection breaks before the command has ended. */
  async exec(command: string): Promise<CommandResult> {
    await this.#answered();
    return this.#place.run(command);
  }
  /** One request to a port of the machine's loopback; `refused` when nobody listens there. */
  async request(port: number, request: WorldRequest): Promise<WorldOutcome | 'refused'> {
    await this.#answered();
    return (await this.#place.reach(port, request)) ?? 'refused';
  }
  /** Takes what is posted to a port of the machine; false when the port is held. */
  async bind(port: number, receive: LoopbackHandler): Promise<boolean> {
    await this.#answered();
    return this.#place.bind(this.pid, port, async (request) => {
      try {
        await this.#answered();
        return await receive(request);
      } catch {
        return 'drop';
      }
    });
  }
  /** Ends another connection's process that holds the port. */
  async endHolder(port: number): Promise<'free' | 'own' | 'released' | 'foreign'> {
    await this.#answered();
    return this.#place.endHolder(this.pid, port);
  }
  /** Both sides know: the listeners are free. */
  end(reason?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#place.release(this.pid);
    this.#tellClient(reason);
    this.#over.resolve();
  }
  /** The client gave up and the machine never heard of it: its listeners stay until somebody ends the process. */
  lose(reason: Error): void {
    this.#isLost = true;
    this.#tellClient(reason);
  }

  /** Waits while the machine is frozen or this connection is mute; throws once it is over. */
  async #answered(): Promise<void> {
    const { isFrozen, thawed } = this.#place;
    // Each race would leave something behind at the connection's end, which may be weeks away.
    await Promise.race(isFrozen() ? [thawed(), this.#over.promise] : [thawed()]);
    if (this.#isLost) await this.#over.promise;
    if (this.#isOver) throw new Error('the connection is closed');
  }
}
