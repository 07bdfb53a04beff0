import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';

/**
 * The body of a stream of events. Its chunks are framed here, one piece each: the response would write a length, the
 * bytes and a line end as three for each event, which costs more than everything else that is done for it.
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
    return this.#out.write(this.#isChunked ? framed(bytes) : bytes);
  }

  end(bytes: Buffer): void {
    this.write(bytes);
    if (this.#isChunked) this.#out.write('0\r\n\r\n', 'latin1');
    this.#raw.end();
  }

  onDrain(resume: () => void): void {
    this.#out.once('drain', resume);
  }

  /** Straight to the socket, unless an earlier answer on this connection is still on its way. */
  get #out(): Writable {
    return this.#raw.socket ?? this.#raw;
  }
}

const carriageReturn = 0x0d;
const lineFeed = 0x0a;

/** One chunk of a chunked body: its length in hexadecimal digits, the bytes, each with a line end. */
function framed(bytes: Buffer): Buffer {
  const digits = bytes.length.toString(16);
  const start = digits.length + 2;
  const end = start + bytes.length;
  const chunk = Buffer.allocUnsafe(end + 2);
  for (let place = 0; place < digits.length; place += 1) chunk[place] = digits.charCodeAt(place);
  chunk[start - 2] = carriageReturn;
  chunk[start - 1] = lineFeed;
  bytes.copy(chunk, start);
  chunk[end] = carriageReturn;
  chunk[end + 1] = lineFeed;
  return chunk;
}
