import type { Clock } from '../../runtime/clock.ts';

const firstMs = 1_000;
const longestMs = 15_000;

/** How long each of several things is left alone after failures in a row: 1 s, doubled up to 15 s, on one clock. */
export class Backoff<Key> {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #failures = new Map<Key, { count: number; until: number }>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  failed(key: Key): void {
    const count = (this.#failures.get(key)?.count ?? 0) + 1;
    const pauseMs = Math.min(longestMs, firstMs * 2 ** Math.min(count - 1, 10));
    this.#failures.set(key, { count, until: this.#clock.now() + pauseMs });
  }

  forget(key: Key): void {
    this.#failures.delete(key);
  }

  failuresOf(key: Key): number {
    return this.#failures.get(key)?.count ?? 0;
  }

  /** Zero when it may be tried. */
  waitMs(key: Key): number {
    return Math.max(0, (this.#failures.get(key)?.until ?? 0) - this.#clock.now());
  }
}
