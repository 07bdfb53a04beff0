/** The process that holds a listening port, as `ss -ltnp` names it. */
export interface PortHolder {
  readonly name: 'sshd' | 'uvicorn';
  readonly pid: number;
}

export interface BoundPort<Listener> {
  readonly port: number;
  /** `127.0.0.1` or `0.0.0.0`. */
  readonly host: string;
  readonly holder: PortHolder;
  readonly listener: Listener;
}

const ephemeralPorts = { first: 32_768, last: 60_999 };

/**
 * The ports of a machine's own 127.0.0.1: who listens where, and who holds it. A port belongs to one holder until
 * that holder releases it or ends. `Listener` is whatever takes a connection or a request there.
 */
export class Loopback<Listener> {
  readonly #bound = new Map<number, BoundPort<Listener>>();
  #exposures = 0;

  /**
   * How often a server became reachable for strangers: container port 8080 is published by Vast.ai's proxy whatever
   * address it is bound to, and 0.0.0.0 reaches every published port (docs/reference/vast.md "SSH and networking").
   */
  get exposures(): number {
    return this.#exposures;
  }
  /** False when somebody listens there already. */
  bind(entry: BoundPort<Listener>): boolean {
    if (this.#bound.has(entry.port)) return false;
    this.#bound.set(entry.port, entry);
    if (entry.port === 8080 || entry.host === '0.0.0.0') this.#exposures += 1;
    return true;
  }
  at(port: number): BoundPort<Listener> | undefined {
    return this.#bound.get(port);
  }
  entries(): readonly BoundPort<Listener>[] {
    return [...this.#bound.values()];
  }
  /** A port that nobody holds, as the kernel gives for port 0. */
  freePort(): number {
    for (let port = ephemeralPorts.first; port <= ephemeralPorts.last; port += 1) {
      if (!this.#bound.has(port)) return port;
    }
    throw new RangeError('no free port on the machine');
  }
  /** Frees one port of a holder, or all of them; gives back what was bound. */
  release(pid: number, port?: number): readonly BoundPort<Listener>[] {
    const released = this.entries().filter(
      (entry) => entry.holder.pid === pid && (port === undefined || entry.port === port),
    );
    for (const entry of released) this.#bound.delete(entry.port);
    return released;
  }
}
