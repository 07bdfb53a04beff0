import type { buildConnector } from 'undici';
import type { Transport } from '../transport.ts';
import type { Endpoint } from '../vast/interface.ts';

export interface SshTarget {
  readonly endpoint: Endpoint;
  /** `SHA256:…` pinned for this lease; absent on the first connection (trust on first use, per lease). */
  readonly pinnedHostKey?: string;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One request that a machine posted through the reverse tunnel, bytes untouched. */
export interface ReverseRequest {
  readonly method: string;
  /** Path and query exactly as on the wire (a v2 path carries a twice-encoded model id). */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}
export interface ReverseResponse {
  readonly status: number;
  /** Empty, or a small JSON text. */
  readonly body: string;
}
/** Answers what the machine posts. Must not throw; a throw is answered with 500 and logged by code only. */
export type ReverseReceiver = (request: ReverseRequest) => Promise<ReverseResponse>;

/** How undici makes a connection, where it is made over something else than TCP. */
export type Dialer = buildConnector.connector;

/** An authenticated connection to one machine. */
export interface SshSession {
  readonly hostKey: string;
  readonly endpoint: Endpoint;
  /**
   * Runs a command; long work never hangs on it. Throws SSH_LOST when the connection broke before an exit status
   * came (`code === null`), WIRE_TIMEOUT after `timeoutMs` (real milliseconds), ABORTED.
   */
  exec(command: string, options: { timeoutMs: number; signal: AbortSignal }): Promise<ExecResult>;
  /** HTTP to `127.0.0.1:port` of the machine. A refused channel is WIRE_REFUSED: SSH is fine, nobody listens yet. */
  transport(port: number): Transport;
  /**
   * A connection of its own for each call, to the same place: for whoever has to read an answer as it comes.
   * Absent where there is no wire (the simulation).
   */
  dialer?(port: number): Dialer;
  /**
   * Binds `127.0.0.1:port` on the machine and hands every HTTP request posted there to `receiver`. When a former
   * connection's sshd child still holds the port (a loss without FIN), that child is ended there and the same port
   * bound again: the port is part of the running init body and must never change. Throws SSH_PORT_BUSY, SSH_LOST.
   */
  reverse(port: number, receiver: ReverseReceiver, signal: AbortSignal): Promise<void>;
  /** Resolves once, with the reason, when the connection is gone for whatever cause (keepalive included). */
  readonly closed: Promise<Error | undefined>;
  close(): void;
}

export interface Ssh {
  /** The public half of the configured key, as one `authorized_keys` line. Throws SSH_KEY_UNREADABLE. */
  publicKey(): string;
  /**
   * Throws SSH_UNREACHABLE, SSH_AUTH_REFUSED, SSH_HOST_KEY_CHANGED, ABORTED. `timeoutMs` is real milliseconds.
   * On success: keepalive on, Nagle off, host key equal to the pinned one if there is one.
   */
  connect(target: SshTarget, options: { timeoutMs: number; signal: AbortSignal }): Promise<SshSession>;
}
