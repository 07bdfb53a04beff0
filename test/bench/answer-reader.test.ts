import { describe, expect, it } from 'vitest';
import { AnswerReader, type ExpectedBody } from '../../bench/answer-reader.ts';

const inOnePiece = 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world';
const inChunks =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n';

function read(wire: string, expected: ExpectedBody, pieces: (bytes: Buffer) => Buffer[]): AnswerReader {
  const reader = new AnswerReader();
  reader.begin(expected);
  for (const piece of pieces(Buffer.from(wire))) reader.take(piece);
  return reader;
}

const whole = (bytes: Buffer): Buffer[] => [bytes];
const hello = Buffer.from('hello world');

describe.each([
  ['with a length', inOnePiece],
  ['in chunks', inChunks],
])('an answer %s', (_, wire) => {
  it('is right however it is cut', () => {
    const cuts = Array.from({ length: wire.length }, (_, at) => at);
    const verdicts = cuts.map((at) => {
      const reader = read(wire, hello, (bytes) => [bytes.subarray(0, at), bytes.subarray(at)]);
      return reader.isDone && reader.isRight;
    });
    expect(verdicts).toEqual(cuts.map(() => true));
    expect(read(wire, hello, (bytes) => [...bytes].map((byte) => Buffer.of(byte))).isRight).toBe(true);
  });

  it.each([
    ['another byte', 'hello_world'],
    ['a byte less', 'hello worl'],
    ['a byte more', 'hello world!'],
  ])('is wrong when %s is expected', (_, expected) => {
    const reader = read(wire, Buffer.from(expected), whole);
    expect(reader.isDone).toBe(true);
    expect(reader.isRight).toBe(false);
  });

  it('is not done before its last byte', () => {
    const reader = read(wire, hello, (bytes) => [bytes.subarray(0, -1)]);
    expect(reader.isDone).toBe(false);
    expect(reader.isRight).toBe(false);
  });

  it('is wrong with another status or with bytes behind it', () => {
    expect(read(wire.replace('200 OK', '503 No'), hello, whole).isRight).toBe(false);
    expect(read(`${wire}x`, hello, whole).isRight).toBe(false);
  });

  it('can be judged as a whole', () => {
    expect(read(wire, (body) => body.equals(hello), whole).isRight).toBe(true);
    expect(read(wire, () => false, whole).isRight).toBe(false);
  });
});

it('forgets the wrong answer before', () => {
  const reader = read(inOnePiece, Buffer.from('something else'), whole);
  reader.begin(hello);
  reader.take(Buffer.from(inChunks));
  expect(reader.isRight).toBe(true);
});
