import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
} as const;

/** A caller that reads nothing for this long, in real milliseconds, is cut off. */
const stallTimeoutMs = 120_000;

/** Writes server-sent events to one caller, no faster than the caller reads. */
export class SseWriter {
  readonly #reply: FastifyReply;
  readonly #raw: ServerResponse;
  hasBegun = false;

  constructor(reply: FastifyReply) {
    this.#reply = reply;
    this.#raw = reply.raw;
  }

  /** The head goes out with the first text, so that an earlier failure can still have a status of its own. */
  async write(text: string): Promise<void> {
    if (text === '') return;
    if (!this.hasBegun) {
      this.hasBegun = true;
      this.#reply.hijack();
      this.#raw.writeHead(200, headers);
    }
    if (this.#raw.destroyed || this.#raw.write(text)) return;
    await this.#drained();
  }

  /** Ends the answer after `text`. */
  end(text: string): void {
    if (!this.#raw.destroyed) this.#raw.end(text);
  }

  #drained(): Promise<void> {
    const raw = this.#raw;
    return new Promise((resolve) => {
      const stalled = setTimeout(() => raw.destroy(), stallTimeoutMs);
      const go = (): void => {
        clearTimeout(stalled);
        raw.off('drain', go).off('close', go);
        resolve();
      };
      raw.once('drain', go).once('close', go);
    });
  }
}
