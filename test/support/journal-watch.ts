import { path } from '../../src/cli/narrator.ts';
import type { JournalEntry } from '../../src/runtime/interface.ts';
import { eventStream } from '../../src/sandbox/event-stream.ts';

type Test = (entry: JournalEntry) => boolean;
interface Waiter {
  readonly test: Test;
  readonly after: number;
  readonly resolve: (entry: JournalEntry) => void;
}

/** The journal of a daemon as it is written, over the daemon's own restarts. */
export class JournalWatch {
  readonly entries: JournalEntry[] = [];
  readonly #url: string;
  readonly #closing = new AbortController();
  readonly #waiters = new Set<Waiter>();
  readonly #running: Promise<void>;

  constructor(inspectionUrl: string) {
    this.#url = `${inspectionUrl}/v1/events`;
    this.#running = this.#follow();
  }

  get seq(): number {
    return this.entries.at(-1)?.seq ?? 0;
  }

  /** The first entry behind `after` (default: any) that passes; rejects when none came within `limitMs`, real. */
  until(test: Test, { after = 0, limitMs }: { after?: number; limitMs: number }): Promise<JournalEntry> {
    const known = this.entries.find((entry) => entry.seq > after && test(entry));
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new Error(`not within ${limitMs} ms; the journal ends with ${this.#tail()}`));
      }, limitMs);
      const waiter: Waiter = { test, after, resolve: (entry) => (clearTimeout(limit), resolve(entry)) };
      this.#waiters.add(waiter);
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        for await (const { data } of eventStream(`${this.#url}?after=${this.seq}`, signal)) {
          this.#take(JSON.parse(data) as JournalEntry);
        }
      } catch {
        // No daemon at this moment: the stream is opened again where it broke off.
      }
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
  }

  #take(entry: JournalEntry): void {
    this.entries.push(entry);
    for (const waiter of this.#waiters) {
      if (entry.seq <= waiter.after || !waiter.test(entry)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(entry);
    }
  }

  #tail(): string {
    return this.entries
      .slice(-8)
      .map((entry) => `${entry.rowId} ${entry.event.type} → ${path(entry.value)}`)
      .join('; ');
  }
}

/** A test for "a row of this chart is in this state", by the state's path (`held.ready`) or its beginning. */
export const inState =
  (chart: string, state: string): Test =>
  (entry) =>
    entry.chart === chart && `${path(entry.value)}.`.startsWith(`${state}.`);
