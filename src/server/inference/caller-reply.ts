import type { ServerResponse } from 'node:http';
import type { InferenceCaller } from './desk.ts';
import { EventBody } from './event-body.ts';
import { openaiError } from './openai-error.ts';
import { type ClientFailure, statusFor } from './status-table.ts';

const streamHead = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
} as const;

/** For the last piece to leave before a connection is broken, real milliseconds. */
const lastWordsTimeoutMs = 5_000;

/** What one caller is told, and how. Nothing here throws: a caller who left hears nothing. */
export class CallerReply {
  readonly #raw: ServerResponse;
  readonly #caller: InferenceCaller;
  #events: EventBody | undefined;
  /** Set while the caller does not read what was written, to the instant at which that began; 0 otherwise. */
  stalledSince = 0;

  constructor(raw: ServerResponse, caller: InferenceCaller) {
    this.#raw = raw;
    this.#caller = caller;
  }

  /**
   * Server-sent events. The head goes out with the first of them, so that an earlier failure has a status of its own.
   * False while the caller reads too slowly; `resume` is called when it goes on.
   */
  events(bytes: Buffer, resume: () => void): boolean {
    if (this.#raw.destroyed) return true;
    if (this.#events === undefined) {
      this.#events = new EventBody(this.#raw, streamHead, bytes);
      return true;
    }
    if (this.#events.write(bytes)) return true;
    if (this.stalledSince === 0) {
      this.stalledSince = performance.now();
      this.#events.onDrain(() => {
        this.stalledSince = 0;
        resume();
      });
    }
    return false;
  }

  endEvents(bytes: Buffer): void {
    if (this.#raw.destroyed) return;
    if (this.#events === undefined) {
      this.#raw.writeHead(200, streamHead);
      this.#raw.end(bytes);
    } else this.#events.end(bytes);
  }

  /** The head of a stream went out: from now on a failure has no status any more. */
  get hasBegun(): boolean {
    return this.#events !== undefined;
  }

  /** A whole answer. `text` is latin1: its characters are the bytes. One string, so that one write carries it. */
  whole(text: string): void {
    if (this.#raw.destroyed) return;
    this.#raw.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
    this.#raw.end(text, 'latin1');
  }

  refuse(failure: ClientFailure, retryAfterSeconds: number | null, reason: string | null = null): void {
    if (this.#raw.destroyed) return;
    const status = statusFor(failure, this.#caller.kind);
    const isPause = failure.status >= 429 && retryAfterSeconds !== null;
    this.error(status, failure.message, reason, isPause ? { 'retry-after': String(retryAfterSeconds) } : {});
  }

  error(status: number, message: string, code: string | null, headers: Record<string, string> = {}): void {
    if (this.#raw.destroyed) return;
    const body = Buffer.from(JSON.stringify(openaiError(status, message, code)));
    this.#raw.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': body.length,
      ...headers,
    });
    this.#raw.end(body);
  }

  /**
   * Half an answer must never look whole: an error chunk, and no `[DONE]`. To the Network Node an error chunk is a
   * chunk without choices, so its connection breaks as well; only that makes it a failure there
   * (docs/reference/inference.md "A stream that breaks off").
   */
  breakOff(failure: ClientFailure): void {
    if (this.#raw.destroyed) return;
    const chunk = Buffer.from(`data: ${JSON.stringify(openaiError(failure.status, failure.message))}\n\n`);
    if (this.#caller.kind === 'direct') {
      this.endEvents(chunk);
      return;
    }
    const { socket } = this.#raw;
    this.#events?.write(chunk);
    socket?.setTimeout(lastWordsTimeoutMs, () => socket.destroy());
    socket?.destroySoon();
  }
}
