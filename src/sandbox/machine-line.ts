import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** What a frozen machine keeps for its server; beyond it the kernel's own buffers fill, as on a stopped machine. */
const heldBytesMax = 4 * 1024 * 1024;

/**
 * A TCP connection that can freeze: no byte and no FIN passes either way. When it thaws, what was held passes. When
 * the peer went away meanwhile, that was never heard: the connection stays, mute, until this side ends it.
 */
export class MachineLine extends Duplex {
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly remoteFamily: string | undefined;
  readonly #socket: Socket;
  #isFrozen = false;
  #isMute = false;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #release: (() => void) | undefined;

  constructor(socket: Socket) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.remoteAddress = socket.remoteAddress;
    this.remotePort = socket.remotePort;
    this.remoteFamily = socket.remoteFamily;
    socket.on('data', (chunk: Buffer) => this.#arrived(chunk));
    socket.on('end', () => this.#unlessFrozen(() => this.push(null)));
    socket.on('error', (error) => this.#unlessFrozen(() => this.destroy(error)));
    socket.on('close', () => this.#unlessFrozen(() => this.destroy()));
  }

  freeze(): void {
    this.#isFrozen = true;
  }
  thaw(): void {
    this.#isFrozen = false;
    if (this.#isMute) return;
    for (const chunk of this.#held) this.push(chunk);
    this.#held = [];
    this.#heldBytes = 0;
    this.#socket.resume();
    this.#release?.();
  }
  setNoDelay(noDelay?: boolean): this {
    this.#socket.setNoDelay(noDelay);
    return this;
  }

  override _read(): void {
    if (!this.#isFrozen) this.#socket.resume();
  }
  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#isMute) return;
    const send = (): void => {
      this.#release = undefined;
      this.#socket.write(chunk, (error) => {
        if (error) this.#unlessFrozen(() => done(error));
        else done();
      });
    };
    if (this.#isFrozen) this.#release = send;
    else send();
  }
  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end();
    done();
  }
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #arrived(chunk: Buffer): void {
    if (!this.#isFrozen) {
      if (!this.push(chunk)) this.#socket.pause();
      return;
    }
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes > heldBytesMax) this.#socket.pause();
  }
  #unlessFrozen(act: () => void): void {
    if (this.#isFrozen) this.#isMute = true;
    if (!this.#isMute) act();
  }
}
