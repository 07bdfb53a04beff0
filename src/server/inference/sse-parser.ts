import { StringDecoder } from 'node:string_decoder';

/** A longer event is no chunk of a completion; without a limit a back end could fill the memory. */
const eventCharsMax = 4 * 1024 * 1024;

/**
 * Server-sent events out of bytes that may be cut anywhere: inside a character, between CR and LF, between events.
 * Gives the `data` of each event (several data lines joined by a line feed); comments and other fields are dropped.
 */
export class SseParser {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  #data: string[] = [];
  #dataChars = 0;
  #isStart = true;
  #endedWithCr = false;

  /** Throws a RangeError for an event without end. */
  push(bytes: Buffer): string[] {
    return this.#feed(this.#decoder.write(bytes));
  }

  /** What was still open when the stream ended; back ends forget the last empty line. */
  end(): string[] {
    const events = this.#feed(this.#decoder.end());
    if (this.#rest !== '') this.#line(this.#rest, events);
    this.#rest = '';
    this.#dispatch(events);
    return events;
  }

  #feed(text: string): string[] {
    const events: string[] = [];
    if (text === '') return events;
    let fresh = text;
    if (this.#isStart) {
      this.#isStart = false;
      if (fresh.startsWith('\uFEFF')) fresh = fresh.slice(1);
    }
    if (this.#endedWithCr && fresh.startsWith('\n')) fresh = fresh.slice(1);
    this.#endedWithCr = text.endsWith('\r');
    const lines = (this.#rest + fresh).split(/\r\n|\n|\r/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line, events);
    if (this.#rest.length + this.#dataChars > eventCharsMax)
      throw new RangeError('server-sent event too long');
    return events;
  }

  #line(line: string, events: string[]): void {
    if (line === '') {
      this.#dispatch(events);
      return;
    }
    if (line !== 'data' && !line.startsWith('data:')) return;
    const value = line.slice(line[5] === ' ' ? 6 : 5);
    this.#data.push(value);
    this.#dataChars += value.length;
  }

  #dispatch(events: string[]): void {
    if (this.#data.length > 0) events.push(this.#data.join('\n'));
    this.#data = [];
    this.#dataChars = 0;
  }
}
