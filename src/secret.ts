import { inspect } from 'node:util';

/**
 * A value that must never be read off a log line, an error, a journal entry or an inspection answer: an API key, a
 * token. Every way of printing it gives `[redacted]`; `reveal` is called where the header is written, nowhere else.
 */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '[redacted]';
  }
  toJSON(): string {
    return '[redacted]';
  }
  [inspect.custom](): string {
    return '[redacted]';
  }
}
