export interface RequestSeen {
  readonly isGet: boolean;
  /** The body asks for a stream. */
  readonly isStream: boolean;
}

/** Finds the end of HTTP/1.1 requests with a Content-Length (or without a body), one after the other. */
export class RequestReader {
  #pending: Buffer | undefined;
  #last: { readonly bytes: Buffer; readonly seen: RequestSeen } | undefined;

  /**
   * The request that these bytes complete, if any. A caller sends its next one only after the answer. `bytes` may
   * be overwritten afterwards. The same request again, in one piece, is only recognised.
   */
  take(bytes: Buffer): RequestSeen | undefined {
    if (this.#pending === undefined && this.#last?.bytes.equals(bytes)) return this.#last.seen;
    const all = this.#pending === undefined ? bytes : Buffer.concat([this.#pending, bytes]);
    const headEnd = all.indexOf('\r\n\r\n');
    if (headEnd < 0) return this.#wait(all);
    const head = all.toString('latin1', 0, headEnd);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (all.length < headEnd + 4 + length) return this.#wait(all);
    this.#pending = undefined;
    const seen = { isGet: head.startsWith('GET '), isStream: all.includes('"stream":true', headEnd) };
    this.#last = { bytes: Buffer.from(all), seen };
    return seen;
  }

  #wait(all: Buffer): undefined {
    this.#pending = Buffer.from(all);
    return undefined;
  }
}
