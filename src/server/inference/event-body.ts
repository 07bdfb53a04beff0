import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';

/**
 * The body of a stream of events. Its chunks are framed here, one string each: the response would write a length, the
 * bytes and a line end as three pieces for each event, which costs more than everything else that is done for it.
 */
export class EventBody {
  readonly #raw: ServerResponse;
  readonly #isChunked: boolean;

  /** Sends the head together with the first events. */
  constructor(raw: ServerResponse, head: Readonly<Record<string, string>>, first: Buffer) {
    this.#raw = raw;
    raw.writeHead(200, head);
    raw.socket?.cork();
    raw.flushHeaders();
    // False for an HTTP/1.0 caller: there the end of the connection is the end of the body.
    this.#isChunked = raw.chunkedEncoding;
    raw.chunkedEncoding = false;
    this.write(first);
    raw.socket?.uncork();
  }

  /** False while the caller reads too slowly; `onDrain` tells when it goes on. */
  write(bytes: Buffer): boolean {
    if (bytes.length === 0) return true;
    const text = bytes.toString('latin1');
    return this.#send(this.#isChunked ? `${bytes.length.toString(16)}\r\n${text}\r\n` : text);
  }

  end(bytes: Buffer): void {
    this.write(bytes);
    if (this.#isChunked) this.#send('0\r\n\r\n');
    this.#raw.end();
  }

  onDrain(resume: () => void): void {
    this.#out.once('drain', resume);
  }

  #send(text: string): boolean {
    return this.#out.write(text, 'latin1');
  }

  /** Straight to the socket, unless an earlier answer on this connection is still on its way. */
  get #out(): Writable {
    return this.#raw.socket ?? this.#raw;
  }
}
