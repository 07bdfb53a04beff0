import { connect, type Socket } from 'node:net';
import { AnswerReader, type ExpectedBody } from './answer-reader.ts';
import { sharedRead } from './lean-socket.ts';

/** How one exchange went. */
export interface AnswerSeen {
  /** Status 200 and every byte as expected. */
  readonly isRight: boolean;
  /** From the request's write to the answer's last byte. */
  readonly totalMs: number;
  /** From the request's write to the first byte of the body; null when none came. */
  readonly firstByteMs: number | null;
}

/**
 * A keep-alive HTTP/1.1 client connection that costs the load generator little: one shared read buffer, no streams,
 * no parsing beyond what the check needs. One exchange at a time.
 */
export class LoadConnection {
  readonly #port: number;
  readonly #reader = new AnswerReader();
  #socket: Socket | undefined;
  #done: ((seen: AnswerSeen) => void) | undefined;
  #startedMs = 0;
  #firstByteMs: number | null = null;

  constructor(port: number) {
    this.#port = port;
  }

  /** Body bytes of the present answer so far. */
  get bodyBytes(): number {
    return this.#reader.bodyBytes;
  }

  get isBusy(): boolean {
    return this.#done !== undefined;
  }

  /** Sends at once, or when the connection stands. `done` is called once, also when the connection breaks. */
  exchange(request: Buffer, expected: ExpectedBody, done: (seen: AnswerSeen) => void): void {
    this.#reader.begin(expected);
    this.#done = done;
    this.#firstByteMs = null;
    this.#socket ??= this.#open();
    this.#startedMs = performance.now();
    this.#socket.write(request);
  }

  /** Closes at once, in the middle of an answer if need be; nobody is told. */
  vanish(): void {
    this.#done = undefined;
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    const onread = sharedRead((bytes) => {
      if (this.#socket === socket) this.#take(bytes);
    });
    const socket: Socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true, onread });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#finish(false);
    });
    return socket;
  }

  #take(bytes: Buffer): void {
    this.#reader.take(bytes);
    if (this.#firstByteMs === null && this.#reader.bodyBytes > 0)
      this.#firstByteMs = performance.now() - this.#startedMs;
    if (this.#reader.isDone) this.#finish(this.#reader.isRight);
  }

  #finish(isRight: boolean): void {
    const done = this.#done;
    this.#done = undefined;
    done?.({ isRight, totalMs: performance.now() - this.#startedMs, firstByteMs: this.#firstByteMs });
  }
}
