import type { ServerResponse } from 'node:http';
import type { JournalEntry, Runtime } from '../../runtime/interface.ts';

/** Entries read from the journal at once: all that is ever held in memory for one reader. */
const pageMax = 200;
const keepAliveMs = 15_000;
/** A reader that takes nothing for this long, in real milliseconds, is let go; it resumes by its last id. */
const stallTimeoutMs = 60_000;

/**
 * One reader of the journal. It holds a position, not a queue: a slow reader is read for at its own pace, and a lost
 * one resumes where it was.
 */
export class JournalStream {
  readonly #journal: Pick<Runtime, 'journalSince'>;
  readonly #raw: ServerResponse;
  readonly #unsubscribe: () => void;
  readonly #keepAlive: NodeJS.Timeout;
  #stalled: NodeJS.Timeout | undefined;
  /** The last entry written; undefined until the first one of a reader that asked for no past. */
  #position: number | undefined;
  #isFull = false;

  constructor(
    journal: Pick<Runtime, 'journalSince' | 'onStep'>,
    raw: ServerResponse,
    after: number | undefined,
  ) {
    this.#journal = journal;
    this.#raw = raw;
    this.#position = after;
    raw.on('drain', () => {
      clearTimeout(this.#stalled);
      this.#isFull = false;
      this.#writeOn();
    });
    this.#unsubscribe = journal.onStep((entry) => {
      this.#position ??= entry.seq - 1;
      this.#writeOn();
    });
    this.#keepAlive = setInterval(() => this.#write(': alive\n\n'), keepAliveMs);
    this.#write(': journal\n\n');
    this.#writeOn();
  }

  /** Ends the stream; more than one call is none. */
  close(): void {
    this.#unsubscribe();
    clearInterval(this.#keepAlive);
    clearTimeout(this.#stalled);
    this.#raw.end();
  }

  #writeOn(): void {
    while (this.#position !== undefined && !this.#isFull && !this.#raw.writableEnded) {
      const entries = this.#journal.journalSince(this.#position, pageMax);
      const last = entries.at(-1);
      if (!last) return;
      this.#position = last.seq;
      this.#write(entries.map(eventOf).join(''));
    }
  }

  #write(text: string): void {
    if (this.#isFull || this.#raw.writableEnded || this.#raw.write(text)) return;
    this.#isFull = true;
    this.#stalled = setTimeout(() => this.#raw.destroy(), stallTimeoutMs);
  }
}

const eventOf = (entry: JournalEntry): string =>
  `id: ${entry.seq}\nevent: step\ndata: ${JSON.stringify(entry)}\n\n`;
