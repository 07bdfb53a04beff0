import { HybridError } from '../../errors.ts';
import type { Upstream, UpstreamAnswer, UpstreamExchange, UpstreamRequest } from './interface.ts';

/** Bytes that wait for a slow reader before the wire is paused. */
const waitingBytesMax = 256 * 1024;

/** `Upstream.complete` on top of `Upstream.exchange`. */
export function pulledAnswer(
  upstream: Pick<Upstream, 'name' | 'exchange'>,
  request: UpstreamRequest,
): Promise<UpstreamAnswer> {
  const abandoned = (): HybridError =>
    new HybridError({ code: 'ABORTED', message: `${upstream.name}: the completion was given up` });
  return new Promise((resolve, reject) => {
    if (request.signal.aborted) {
      reject(abandoned());
      return;
    }
    const pieces = new Pieces(() => exchange.resume());
    const exchange: UpstreamExchange = upstream.exchange(request, {
      head: (head) => resolve({ ...head, body: pieces.read(leave) }),
      data: (bytes) => pieces.push(bytes),
      end: () => settle(null),
      failed: (error) => settle(error),
    });
    const settle = (error: HybridError | null): void => {
      request.signal.removeEventListener('abort', giveUp);
      pieces.close(error);
      if (error) reject(error);
    };
    const leave = (): void => {
      exchange.abort();
      settle(null);
    };
    const giveUp = (): void => {
      exchange.abort();
      settle(abandoned());
    };
    request.signal.addEventListener('abort', giveUp, { once: true });
  });
}

/** What arrived and was not read yet. */
class Pieces {
  readonly #resume: () => void;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #isClosed = false;
  #error: HybridError | null = null;
  #wake: (() => void) | undefined;

  constructor(resume: () => void) {
    this.#resume = resume;
  }

  push(bytes: Buffer): boolean {
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    this.#wake?.();
    return this.#bytes < waitingBytesMax;
  }

  close(error: HybridError | null): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#error = error;
    this.#wake?.();
  }

  async *read(leave: () => void): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const waiting = this.#waiting;
        this.#waiting = [];
        this.#bytes = 0;
        yield* waiting;
        if (this.#waiting.length > 0) continue;
        if (this.#error) throw this.#error;
        if (this.#isClosed) return;
        this.#resume();
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
    } finally {
      leave();
    }
  }
}
