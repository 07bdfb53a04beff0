import type { Answer } from './answer.ts';
import type { CallerReply } from './caller-reply.ts';
import { ChunkMould } from './chunk-mould.ts';
import { CompletionStream } from './completion-stream.ts';
import type { InferenceCaller } from './desk.ts';
import type { InferenceRequest } from './inference-request.ts';
import { asLatin1, restoredModel } from './restored-model.ts';
import { SseParser } from './sse-parser.ts';
import { badAnswer } from './status-table.ts';
import { estimatedUsage } from './usage-estimate.ts';

export interface StreamAnswerOptions {
  readonly request: InferenceRequest;
  /** The id that stands in the answer. */
  readonly model: string;
  readonly caller: InferenceCaller;
  readonly reply: CallerReply;
  readonly resume: () => void;
}

/** The Network Node's line reader stops at 64 KiB (docs/reference/protocol.md "Chat answer"). */
const lineBytesMax = 65_535;
/** For other callers: a longer event is no chunk of a completion. */
const eventBytesMax = 4 * 1024 * 1024;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const prefix = Buffer.from('data: {', 'latin1');
const doneLine = Buffer.from('data: [DONE]\n', 'latin1');

/**
 * A stream for a caller who asked for one. As long as the back end writes what the Network Node reads — nothing but
 * `data: {…}` and an empty line, in turn — its bytes pass as they came; a chunk that needs mending is written anew,
 * alone. At the first line of any other form (comments, CRLF, several data lines) a full parser takes over.
 */
export class StreamAnswer implements Answer {
  readonly #options: StreamAnswerOptions;
  readonly #stream: CompletionStream;
  readonly #model: string;
  readonly #bytesMax: number;
  #carry: Buffer | undefined;
  /** Of the last chunk that passed as it came. */
  #mould: ChunkMould | undefined;
  /** Set once the stream left the simple form. */
  #parser: SseParser | undefined;
  #hasToldUsage = false;
  #hasUsageChunk = false;

  constructor(options: StreamAnswerOptions) {
    this.#options = options;
    this.#stream = new CompletionStream(options.request.kind);
    this.#model = asLatin1(options.model);
    this.#bytesMax = options.caller.kind === 'networkNode' ? lineBytesMax : eventBytesMax;
  }

  get verdict(): CompletionStream['verdict'] {
    return this.#stream.verdict;
  }
  get tokens(): CompletionStream['tokens'] {
    return this.#stream.tokens;
  }
  get seenTokens(): number {
    return this.#stream.seenTokens;
  }

  push(bytes: Buffer): boolean {
    if (this.#isNextOfItsForm(bytes)) return this.#options.reply.events(bytes, this.#options.resume);
    if (this.#parser !== undefined) return this.#tell(this.#parsed(bytes));
    // In the simple form a carriage return can only stand escaped.
    if (!bytes.includes(carriageReturn)) return this.#tell(this.#simple(bytes));
    const rest = this.#carry === undefined ? bytes : Buffer.concat([this.#carry, bytes]);
    this.#carry = undefined;
    return this.#tell(this.#switched(rest));
  }

  end(): void {
    const rest = this.#carry;
    this.#carry = undefined;
    const told = rest === undefined ? [] : this.#switched(rest);
    if (this.#parser !== undefined) told.push(...this.#events(() => this.#parser?.end() ?? []));
    this.#stream.end();
    this.#tell(told);
  }

  #tell(pieces: readonly Buffer[]): boolean {
    const { reply, resume } = this.#options;
    if (this.#stream.verdict === 'complete') {
      reply.endEvents(Buffer.concat([...pieces, this.#closing()]));
      return true;
    }
    if (pieces.length === 0) return true;
    return reply.events(pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces), resume);
  }

  /** Usage where it was asked for and never came, then the one `[DONE]`. */
  #closing(): Buffer {
    const { request, model } = this.#options;
    let text = 'data: [DONE]\n\n';
    if (request.includesUsage && !this.#hasToldUsage) {
      const { id, object, created } = this.#stream.last;
      const usage = estimatedUsage(request, this.#stream.seenTokens);
      text = `data: ${JSON.stringify({ id, object, created, model, choices: [], usage })}\n\n${text}`;
    }
    return Buffer.from(text);
  }

  /** Whole events of the simple form; runs of unchanged ones stay one piece. */
  #simple(fresh: Buffer): Buffer[] {
    const bytes = this.#carry === undefined ? fresh : Buffer.concat([this.#carry, fresh]);
    this.#carry = undefined;
    const told: Buffer[] = [];
    let runStart = 0;
    let at = 0;
    while (at < bytes.length && this.#stream.verdict === undefined) {
      const lineEnd = bytes.indexOf(lineFeed, at);
      if (lineEnd < 0 || lineEnd + 1 >= bytes.length) break;
      if (!isSimpleEvent(bytes, at, lineEnd)) {
        if (at > runStart) told.push(bytes.subarray(runStart, at));
        return [...told, ...this.#switched(bytes.subarray(at))];
      }
      const next = lineEnd + 2;
      const line = this.#line(bytes, at, lineEnd);
      if (line !== undefined) {
        if (at > runStart) told.push(bytes.subarray(runStart, at));
        if (line.length > 0) told.push(line);
        runStart = next;
      }
      at = next;
    }
    if (at > runStart) told.push(bytes.subarray(runStart, at));
    if (this.#stream.verdict === undefined && at < bytes.length) this.#keep(bytes.subarray(at));
    return told;
  }

  /** Most pieces that arrive are one event, and most events differ from the last one in their text alone. */
  #isNextOfItsForm(bytes: Buffer): boolean {
    if (this.#carry !== undefined || this.#stream.verdict !== undefined) return false;
    const textBytes = this.#mould?.textBytes(bytes, 0, bytes.length) ?? -1;
    if (textBytes < 0) return false;
    this.#stream.readOn(textBytes);
    return true;
  }

  #keep(rest: Buffer): void {
    if (rest.length > this.#bytesMax + 2) this.#stream.verdict = badAnswer;
    else this.#carry = rest;
  }

  /** Undefined to pass the event as it is, else what takes its place. */
  #line(bytes: Buffer, start: number, end: number): Buffer | undefined {
    if (bytes[start + 6] === 0x5b) {
      this.#stream.end();
      return nothing;
    }
    const textBytes = this.#mould?.textBytes(bytes, start, end + 2) ?? -1;
    if (textBytes >= 0) {
      this.#stream.readOn(textBytes);
      return undefined;
    }
    const text = bytes.toString('latin1', start + 6, end);
    const data = this.#data(text, this.#model);
    if (data === text) this.#mould = ChunkMould.of(text, this.#stream.last) ?? this.#mould;
    return data === text ? undefined : data === '' ? nothing : Buffer.from(`data: ${data}\n\n`, 'latin1');
  }

  /** The chunk as the caller gets it; empty for one that is withheld. */
  #data(text: string, model: string): string {
    const chunk = this.#stream.read(text);
    if (chunk === undefined) return '';
    if (chunk.isUsageOnly) {
      if (!this.#options.request.includesUsage || this.#hasUsageChunk) return '';
      this.#hasUsageChunk = true;
    }
    if (this.#stream.hasUsage) this.#hasToldUsage = true;
    const told = chunk.isChanged
      ? JSON.stringify({ ...chunk.object, model })
      : restoredModel(text, chunk.object, model);
    // A line that the caller's reader cannot take would end its stream in a way that looks like an end.
    if (told.length + prefix.length > this.#bytesMax) {
      this.#stream.verdict = badAnswer;
      return '';
    }
    return told;
  }

  #switched(rest: Buffer): Buffer[] {
    this.#parser = new SseParser();
    this.#mould = undefined;
    return this.#parsed(rest);
  }

  #parsed(bytes: Buffer): Buffer[] {
    return this.#events(() => this.#parser?.push(bytes) ?? []);
  }

  #events(read: () => readonly string[]): Buffer[] {
    let events: readonly string[] = [];
    try {
      events = read();
    } catch {
      this.#stream.verdict ??= badAnswer;
    }
    let told = '';
    for (const event of events) {
      if (this.#stream.verdict !== undefined) break;
      if (event === '[DONE]') this.#stream.end();
      else {
        const data = this.#data(oneLine(event), this.#options.model);
        if (data !== '') told += `data: ${data}\n\n`;
      }
    }
    return told === '' ? [] : [Buffer.from(told)];
  }
}

const nothing = Buffer.alloc(0);

/** `data: {…}` or `data: [DONE]`, and an empty line after it. */
function isSimpleEvent(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[end + 1] !== lineFeed) return false;
  if (bytes[start + 6] === 0x5b) return bytes.compare(doneLine, 0, doneLine.length, start, end + 1) === 0;
  return (
    bytes.compare(prefix, 0, prefix.length, start, start + prefix.length) === 0 && bytes[end - 1] === 0x7d
  );
}

/** An event of several data lines holds line feeds, between the tokens of its JSON only. */
const oneLine = (event: string): string => (/[\r\n]/.test(event) ? event.replaceAll(/[\r\n]+/g, ' ') : event);
