/** What a right answer looks like: the very bytes, or a judgement of the whole body where the gateway writes it. */
export type ExpectedBody = Buffer | ((body: Buffer) => boolean);

/**
 * Reads one HTTP/1.1 answer at a time from a connection, takes the chunks apart and compares the body with what is
 * expected while it arrives. Reads no more of the head than status, length and coding.
 */
export class AnswerReader {
  #expected: ExpectedBody = Buffer.alloc(0);
  #collected: Buffer[] = [];
  #rest: Buffer | undefined;
  #phase: 'head' | 'piece' | 'size' | 'chunk' | 'done' = 'done';
  /** Bytes that are still due of the body or of the chunk with its line end. */
  #due = 0;
  #isRight = true;
  /** Most answers have the head of the one before. */
  #lastHead: (HeadSeen & { readonly bytes: Buffer }) | undefined;
  /** Body bytes of this answer so far. */
  bodyBytes = 0;

  begin(expected: ExpectedBody): void {
    this.#expected = expected;
    this.#phase = 'head';
    this.#rest = undefined;
    this.#isRight = true;
    this.#collected = [];
    this.bodyBytes = 0;
  }

  get isDone(): boolean {
    return this.#phase === 'done';
  }

  /** Status 200 and the expected body, complete. Judged once `isDone`. */
  get isRight(): boolean {
    if (!this.isDone || !this.#isRight) return false;
    if (typeof this.#expected === 'function') return this.#expected(Buffer.concat(this.#collected));
    return this.bodyBytes === this.#expected.length;
  }

  /** `bytes` may be overwritten afterwards. */
  take(bytes: Buffer): void {
    const all = this.#rest === undefined ? bytes : Buffer.concat([this.#rest, bytes]);
    this.#rest = undefined;
    let at = 0;
    while (at < all.length && !this.isDone) {
      const next = this.#step(all, at);
      if (next === undefined) {
        this.#rest = Buffer.from(all.subarray(at));
        return;
      }
      at = next;
    }
    if (at < all.length) this.#isRight = false;
  }

  /** Where to go on; undefined when more bytes are needed first. */
  #step(all: Buffer, at: number): number | undefined {
    if (this.#phase === 'head') return this.#head(all, at);
    if (this.#phase === 'size') return this.#size(all, at);
    return this.#piece(all, at);
  }

  #head(all: Buffer, at: number): number | undefined {
    const end = all.indexOf(headEnd, at);
    if (end < 0) return undefined;
    if (!this.#lastHead?.bytes.equals(all.subarray(at, end))) {
      this.#lastHead = {
        bytes: Buffer.from(all.subarray(at, end)),
        ...headSeen(all.toString('latin1', at, end)),
      };
    }
    const { isOk, length } = this.#lastHead;
    if (!isOk) this.#isRight = false;
    this.#due = length ?? 0;
    if (length === undefined) this.#phase = 'size';
    else this.#phase = length === 0 ? 'done' : 'piece';
    return end + 4;
  }

  #size(all: Buffer, at: number): number | undefined {
    const end = all.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const size = Number.parseInt(all.toString('latin1', at, end), 16);
    if (size > 0) {
      this.#due = size + 2;
      this.#phase = 'chunk';
      return end + 2;
    }
    if (all.length < end + 4) return undefined;
    if (size !== 0) this.#isRight = false;
    this.#phase = 'done';
    return end + 4;
  }

  #piece(all: Buffer, at: number): number {
    const end = Math.min(all.length, at + this.#due);
    this.#due -= end - at;
    // The last two bytes of a chunk are its line end.
    const tail = this.#phase === 'chunk' ? Math.max(0, 2 - this.#due) : 0;
    this.#body(all, at, Math.max(at, end - tail));
    if (this.#due === 0) this.#phase = this.#phase === 'chunk' ? 'size' : 'done';
    return end;
  }

  #body(all: Buffer, start: number, end: number): void {
    if (start === end) return;
    const offset = this.bodyBytes;
    this.bodyBytes += end - start;
    if (typeof this.#expected === 'function') this.#collected.push(Buffer.from(all.subarray(start, end)));
    else if (
      this.bodyBytes > this.#expected.length ||
      this.#expected.compare(all, start, end, offset, this.bodyBytes) !== 0
    )
      this.#isRight = false;
  }
}

const headEnd = Buffer.from('\r\n\r\n');

interface HeadSeen {
  readonly isOk: boolean;
  /** Undefined: the body comes in chunks. */
  readonly length: number | undefined;
}

function headSeen(head: string): HeadSeen {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  return { isOk: head.slice(9, 12) === '200', length: length === undefined ? undefined : Number(length) };
}
