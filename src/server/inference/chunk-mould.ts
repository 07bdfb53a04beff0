import { type Fields, isFields } from './completion-chunk.ts';

/** Longer pieces of text are rare, and looked at in full. */
const textBytesMax = 256;
/** Far below what a caller's line reader takes, so that another text cannot pass that limit. */
const chunkBytesMax = 16 * 1024;

/**
 * The form of a chunk's event (`data: {…}` and an empty line) that was found good. A stream's chunks differ in their piece of text and in nothing else, so
 * the next one that fits is as good without being parsed. Exact: whatever differs in one byte outside that text, or
 * has anything in it that JSON would escape, does not fit.
 */
export class ChunkMould {
  readonly #before: Buffer;
  readonly #behind: Buffer;

  private constructor(before: Buffer, behind: Buffer) {
    this.#before = before;
    this.#behind = behind;
  }

  /** Undefined for a chunk that says more than one piece of text. `text`: its JSON as latin1. */
  static of(text: string, chunk: Fields): ChunkMould | undefined {
    const content = textAlone(chunk);
    if (content === undefined || text.length > chunkBytesMax) return undefined;
    const field = `"content":"`;
    const at = text.indexOf(field) + field.length;
    const end = at + content.length;
    // Only one field of that name, with nothing escaped in it: then these are its bounds.
    if (at < field.length || text.includes(field, at) || text.slice(at, end) !== content || text[end] !== '"')
      return undefined;
    return new ChunkMould(
      Buffer.from(`data: ${text.slice(0, at)}`, 'latin1'),
      Buffer.from(`${text.slice(end)}\n\n`, 'latin1'),
    );
  }

  /** Bytes of the text in the event from `start` to `end`, or −1 when it is of another form. */
  textBytes(bytes: Buffer, start: number, end: number): number {
    const from = start + this.#before.length;
    const to = end - this.#behind.length;
    if (to < from || to - from > textBytesMax) return -1;
    for (let at = from; at < to; at += 1) {
      const byte = bytes[at] as number;
      if (byte < 0x20 || byte === 0x22 || byte === 0x5c) return -1;
    }
    const isSame =
      bytes.compare(this.#behind, 0, this.#behind.length, to, end) === 0 &&
      bytes.compare(this.#before, 0, this.#before.length, start, from) === 0;
    return isSame ? to - from : -1;
  }
}

/** The text of a chunk that has one running choice, without a finish, usage or log probabilities. */
function textAlone({ choices, usage }: Fields): string | undefined {
  const [choice, ...others] = choices as readonly Fields[];
  if (choice === undefined || others.length > 0 || isFields(usage)) return undefined;
  const { delta, finish_reason: reason, logprobs } = choice;
  if ((reason !== null && reason !== undefined) || isFields(logprobs) || !isFields(delta)) return undefined;
  const { content } = delta;
  return typeof content === 'string' ? content : undefined;
}
