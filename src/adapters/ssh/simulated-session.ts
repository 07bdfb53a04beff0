import { HybridError } from '../../errors.ts';
import type { WorldClock } from '../../world/clock.ts';
import type { WorldOutcome, WorldRequest } from '../../world/exchange.ts';
import type { MachineConnection } from '../../world/machine/machine-connection.ts';
import type { Transport } from '../transport.ts';
import type { Endpoint } from '../vast/interface.ts';
import { createWorldTransport } from '../world-transport.ts';
import type { ExecResult, ReverseReceiver, SshSession } from './interface.ts';
import { within } from './simulated-limit.ts';

/** Real milliseconds in the ssh2 form; here of the world's clock. */
const bindLimitMs = 10_000;

/** A login on a machine of the world as the house's `SshSession`. */
export class SimulatedSession implements SshSession {
  readonly hostKey: string;
  readonly endpoint: Endpoint;
  readonly closed: Promise<Error | undefined>;
  readonly #connection: MachineConnection;
  readonly #clock: WorldClock;
  /** What waits for an answer; told of the connection's end. */
  readonly #waiting = new Set<(reason: Error | undefined) => void>();
  #isClosing = false;
  #isOver = false;

  constructor(connection: MachineConnection, endpoint: Endpoint, clock: WorldClock) {
    this.#connection = connection;
    this.#clock = clock;
    this.hostKey = connection.hostKey;
    this.endpoint = endpoint;
    this.closed = connection.closed.then((reason) => {
      this.#isOver = true;
      return this.#isClosing || !reason ? undefined : this.#lost(reason.message);
    });
    void connection.closed
      .then((reason) => reason)
      .then((reason) => this.#waiting.forEach((tell) => tell(reason)));
  }

  async exec(command: string, options: { timeoutMs: number; signal: AbortSignal }): Promise<ExecResult> {
    return this.#unlessLost(command.slice(0, 40), 'WIRE_TIMEOUT', options, this.#connection.exec(command));
  }

  transport(port: number): Transport {
    const wire = createWorldTransport({
      clock: this.#clock,
      neighbour: { handle: (request) => this.#reach(port, request) },
    });
    return async (request) => {
      if (!this.#connection.isOpen) throw refused(`the SSH connection to ${this.#where} is closed`);
      const answer = await wire(request);
      if (answer.headers[refusedHeader] !== undefined)
        throw refused(`port ${port} on ${this.#where}: refused`);
      return answer;
    };
  }

  async reverse(port: number, receiver: ReverseReceiver, signal: AbortSignal): Promise<void> {
    const limits = { timeoutMs: bindLimitMs, signal };
    const step = <T>(promise: Promise<T>): Promise<T> =>
      this.#unlessLost(`binding port ${port}`, 'SSH_LOST', limits, promise);
    const bind = (): Promise<boolean> =>
      step(this.#connection.bind(port, (request) => answered(receiver, request)));
    if (await bind()) return;
    const verdict = await step(this.#connection.endHolder(port));
    if ((verdict === 'released' || verdict === 'free') && (await bind())) return;
    const message = `${this.#where} does not give port ${port}: its holder is ${verdict}`;
    throw new HybridError({ code: 'SSH_PORT_BUSY', message, port, verdict });
  }

  close(): void {
    this.#isClosing = true;
    this.#connection.end();
  }

  get #where(): string {
    return `${this.endpoint.host}:${this.endpoint.port}`;
  }

  async #reach(port: number, request: WorldRequest): Promise<WorldOutcome> {
    const outcome = await this.#unlessOver(this.#connection.request(port, request), () => 'drop' as const);
    return outcome === 'refused' ? { status: 502, headers: { [refusedHeader]: '1' }, body: '' } : outcome;
  }

  async #unlessLost<T>(
    what: string,
    timeoutCode: 'WIRE_TIMEOUT' | 'SSH_LOST',
    limits: { timeoutMs: number; signal: AbortSignal },
    promise: Promise<T>,
  ): Promise<T> {
    const bounds = { ...limits, clock: this.#clock, timeoutCode, what: `${what} on ${this.#where}` };
    const done = promise.catch((error: unknown) => {
      throw this.#lost(error instanceof Error ? error.message : String(error));
    });
    const gone = (reason: Error | undefined): never => {
      throw this.#lost(reason?.message ?? 'closed');
    };
    return within(bounds, this.#unlessOver(done, gone));
  }

  /** The work, or what its end makes of it: a race with that would keep every call until then. */
  #unlessOver<T, Gone>(work: Promise<T>, gone: (reason: Error | undefined) => Gone): Promise<T | Gone> {
    if (this.#isOver) return Promise.race([work, this.#connection.closed.then(gone)]);
    return new Promise((resolve, reject) => {
      const tell = (reason: Error | undefined): void => {
        try {
          resolve(gone(reason));
        } catch (error) {
          reject(error);
        }
      };
      const settled =
        <Result>(settle: (result: Result) => void) =>
        (result: Result): void => {
          this.#waiting.delete(tell);
          settle(result);
        };
      this.#waiting.add(tell);
      void work.then(settled(resolve), settled(reject));
    });
  }

  #lost(reason: string): HybridError {
    return new HybridError({ code: 'SSH_LOST', message: `SSH to ${this.#where}: ${reason}` });
  }
}

/** Between `#reach` and `transport` only: how a refused channel passes through the world's transport. */
const refusedHeader = 'x-simulated-refusal';
const refused = (message: string): HybridError => new HybridError({ code: 'WIRE_REFUSED', message });

async function answered(receiver: ReverseReceiver, request: WorldRequest): Promise<WorldOutcome> {
  const { method, path, headers, body } = request;
  try {
    return await receiver({ method, path, headers, body: Buffer.from(body) });
  } catch {
    return { status: 500, body: '' };
  }
}
