import type { Socket } from 'node:net';
import type { EventWheel, Turner } from './event-wheel.ts';
import { RequestReader } from './request-reader.ts';
import { benchModel, plainExchange, streamEnd, streamEvents } from './traffic.ts';

/**
 * `answer` at once, streams with `pauseMs` between two events; or stop for ever before the head, after the head
 * (`holdFirstToken`), or after the third event.
 */
export type MockManner =
  | { readonly kind: 'answer'; readonly pauseMs: number }
  | { readonly kind: 'holdHead' }
  | { readonly kind: 'holdFirstToken' }
  | { readonly kind: 'holdMidStream' };

export interface MockTerms {
  readonly manner: MockManner;
  readonly wheelOf: (pauseMs: number) => EventWheel;
}

/** One connection to the mock: reads a request, answers it, reads the next. */
export class MockExchange implements Turner {
  readonly #socket: Socket;
  readonly #terms: () => MockTerms;
  readonly #reader = new RequestReader();
  #nextEvent = 0;
  /** A request came and its answer is not complete. */
  isOpen = false;

  /** `terms` is asked once for each request. */
  constructor(socket: Socket, terms: () => MockTerms) {
    this.#socket = socket;
    this.#terms = terms;
  }

  take(bytes: Buffer): void {
    const request = this.#reader.take(bytes);
    if (request === undefined) return;
    if (request.isGet) this.#socket.write(modelsWire);
    else this.#answer(request.isStream, this.#terms());
  }

  turn(): boolean {
    if (!this.isOpen) return false;
    // A caller that does not read gets no further events until it does.
    if (this.#socket.writableLength > 65_536) return true;
    this.#socket.write(eventWires[this.#nextEvent] ?? '');
    this.#nextEvent += 1;
    this.isOpen = this.#nextEvent < eventWires.length;
    return this.isOpen;
  }

  end(): void {
    this.isOpen = false;
  }

  #answer(isStream: boolean, { manner, wheelOf }: MockTerms): void {
    this.isOpen = true;
    this.#nextEvent = 1;
    if (manner.kind === 'holdHead') return;
    if (manner.kind === 'holdFirstToken') this.#socket.write(streamHeadWire);
    else if (manner.kind === 'holdMidStream') this.#socket.write(threeEventsWire);
    else if (isStream) {
      this.#socket.write(firstWire);
      wheelOf(manner.pauseMs).add(this);
    } else {
      this.isOpen = false;
      this.#socket.write(plainWire);
    }
  }
}

const answerHead = (type: string, framing: string): Buffer =>
  Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\n${framing}\r\n\r\n`);

const inOnePiece = (body: Buffer): Buffer =>
  Buffer.concat([answerHead('application/json', `content-length: ${body.length}`), body]);

const chunk = (body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);

const plainWire = inOnePiece(plainExchange().answer);
const modelsWire = inOnePiece(
  Buffer.from(JSON.stringify({ object: 'list', data: [{ id: benchModel, object: 'model' }] })),
);

const events = streamEvents();
/** Each event in a chunk of its own; the last brings the end of the stream. */
const eventWires = events.map((event, index) =>
  index < events.length - 1
    ? chunk(event)
    : Buffer.concat([chunk(event), chunk(streamEnd), Buffer.from('0\r\n\r\n')]),
);
const streamHeadWire = answerHead('text/event-stream', 'transfer-encoding: chunked');
const firstWire = Buffer.concat([streamHeadWire, ...eventWires.slice(0, 1)]);
const threeEventsWire = Buffer.concat([streamHeadWire, ...eventWires.slice(0, 3)]);
