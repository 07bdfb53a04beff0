/** Deeper nesting is no request of anybody's; the limit keeps a parser further on from falling over. */
export const depthMax = 128;

/**
 * The top-level fields of a JSON object as stretches of its text, in its order; a name given twice counts the last
 * time. Undefined when it is no object, or nests too deep. Nothing nested is parsed: errors inside it are left to
 * whoever parses it.
 */
export function fieldStretches(text: string): ReadonlyMap<string, string> | undefined {
  return new Scanner(text).object();
}

const quote = 0x22;
const backslash = 0x5c;
const scalar = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

/** White space, a comma or a closing bracket. */
const endsScalar = (code: number): boolean => code === 0x2c || code === 0x7d || code === 0x5d || code <= 0x20;

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  object(): Map<string, string> | undefined {
    const values = new Map<string, string>();
    if (!this.#takes('{')) return undefined;
    if (!this.#takes('}')) {
      do {
        const name = this.#name();
        if (name === undefined || !this.#takes(':')) return undefined;
        const raw = this.#value();
        if (raw === undefined) return undefined;
        // A name given twice moves to its last place, as in JSON.parse the last one counts.
        values.set(name, raw);
      } while (this.#takes(','));
      if (!this.#takes('}')) return undefined;
    }
    this.#skipSpace();
    return this.#at === this.#text.length ? values : undefined;
  }

  #name(): string | undefined {
    this.#skipSpace();
    const start = this.#at;
    if (!this.#string()) return undefined;
    const raw = this.#text.slice(start, this.#at);
    if (!raw.includes('\\')) return raw.slice(1, -1);
    try {
      return JSON.parse(raw) as string;
    } catch {
      return undefined;
    }
  }

  #value(): string | undefined {
    this.#skipSpace();
    const start = this.#at;
    const first = this.#text.charCodeAt(start);
    if (first === quote) return this.#string() ? this.#text.slice(start, this.#at) : undefined;
    if (first === 0x7b || first === 0x5b)
      return this.#nested() ? this.#text.slice(start, this.#at) : undefined;
    while (this.#at < this.#text.length && !endsScalar(this.#text.charCodeAt(this.#at))) this.#at += 1;
    const raw = this.#text.slice(start, this.#at);
    return scalar.test(raw) ? raw : undefined;
  }

  /** From an opening bracket to behind the one that closes it. */
  #nested(): boolean {
    const closers: number[] = [];
    for (; this.#at < this.#text.length; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === quote) {
        if (!this.#string()) return false;
        this.#at -= 1;
      } else if (code === 0x7b || code === 0x5b) {
        if (closers.push(code + 2) > depthMax) return false;
      } else if (code === 0x7d || code === 0x5d) {
        if (closers.pop() !== code) return false;
        if (closers.length === 0) {
          this.#at += 1;
          return true;
        }
      }
    }
    return false;
  }

  /** From an opening quotation mark to behind the closing one. */
  #string(): boolean {
    if (this.#text.charCodeAt(this.#at) !== quote) return false;
    for (let from = this.#at + 1; ; ) {
      const end = this.#text.indexOf('"', from);
      if (end < 0) return false;
      let escapes = 0;
      while (this.#text.charCodeAt(end - 1 - escapes) === backslash) escapes += 1;
      from = end + 1;
      if (escapes % 2 === 0) {
        this.#at = from;
        return true;
      }
    }
  }

  #takes(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }
}
