import { describe, expect, test } from 'vitest';
import { SseParser } from '../../../src/server/inference/sse-parser.ts';

const recorded = [
  '\uFEFF: keep-alive\r\n\r\n',
  'event: message\r\nid: 1\r\ndata: {"text":"Zürich 🚀"}\r\n\r\n',
  'data:without space\n\n',
  'data: two\ndata:\ndata:  lines\n\n',
  'retry: 10\r\rdata: old Mac\r\r',
  'database: no field of ours\n\n\n',
  'data\n\n',
  'data: [DONE]\n\n',
].join('');
const events = ['{"text":"Zürich 🚀"}', 'without space', 'two\n\n lines', 'old Mac', '', '[DONE]'];

const feed = (pieces: readonly Buffer[]): string[] => {
  const parser = new SseParser();
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
};

describe('the parser of server-sent events', () => {
  test('drops comments and other fields and joins data lines', () => {
    expect(feed([Buffer.from(recorded)])).toEqual(events);
  });
  test('gives the same events byte by byte and in any two pieces', () => {
    const bytes = Buffer.from(recorded);
    expect(feed([...bytes].map((byte) => Buffer.of(byte)))).toEqual(events);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(feed([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(events);
    }
  });
  test('gives the last event when the final empty line is missing', () => {
    expect(feed([Buffer.from('data: a\n\ndata: b')])).toEqual(['a', 'b']);
    expect(feed([Buffer.from('data: a\n\ndata: b\r')])).toEqual(['a', 'b']);
  });
  test('refuses an event without end', () => {
    const parser = new SseParser();
    const act = (): void => {
      for (let count = 0; count < 6; count += 1) parser.push(Buffer.from(`data: ${'x'.repeat(2 ** 20)}\n`));
    };
    expect(act).toThrow(RangeError);
  });
});
