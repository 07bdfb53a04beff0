import { describe, expect, it } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { readLine } from '../../src/cli/stdin-line.ts';
import { capturedIo } from './captured-io.ts';

describe('sandbox', () => {
  it('lists the faults of a neighbour and ends', async () => {
    const io = capturedIo();
    expect(await dispatch(['sandbox', 'chain', '--list-faults'], io)).toBe(0);
    expect(io.out()).toMatch(/^halt +No new blocks/m);
    expect(io.out().trim().split('\n').length).toBeGreaterThan(2);
  });

  it('lists the faults of a machine and of its server without a specification', async () => {
    const io = capturedIo();
    expect(await dispatch(['sandbox', 'machine', '--list-faults'], io)).toBe(0);
    expect(io.out()).toContain('hostKeyChanges');
    expect(io.out()).toContain('senderStalls');
  });

  it('serves until it is told to stop, having said where in one JSON line', async () => {
    const io = capturedIo();
    const ended = dispatch(['sandbox', 'chain', '--speed', '10', '--seed', '7'], io);
    await expect.poll(() => io.out()).toMatch(/\n$/);
    const { port } = JSON.parse(io.out()) as { port: number };
    const ready = await fetch(`http://127.0.0.1:${port}/sandbox/ready`);
    expect(ready.status).toBe(200);
    io.stop();
    expect(await ended).toBe(0);
    await expect(fetch(`http://127.0.0.1:${port}/sandbox/ready`)).rejects.toThrow('fetch failed');
  });

  it('ends with its parent when asked to', async () => {
    const io = capturedIo({ stdin: '' });
    expect(await dispatch(['sandbox', 'chain', '--with-parent'], io)).toBe(0);
    expect(JSON.parse(io.out())).toHaveProperty('port');
  });

  it.each([
    [['sandbox'], '<neighbour> is missing'],
    [['sandbox', 'moon'], '"moon" is no neighbour; there are chain'],
    [['sandbox', 'chain', '--port', '70000'], '--port must be a number, 0 to 65535'],
    [['sandbox', 'chain', '--options', '[]'], '--options is no JSON object'],
    [['sandbox', 'chain', '--options', '{'], '--options is no JSON'],
    [['sandbox', 'chain', '--settings', '.env'], '--settings goes with town'],
    [['sandbox', 'town', '--settings', import.meta.filename], 'exists and was not touched'],
    [['sandbox', 'machine'], 'stdin ended before its first line'],
  ])('refuses %j and says why', async (args, reason) => {
    const io = capturedIo();
    expect(await dispatch(args, io)).toBe(2);
    expect(io.err()).toContain(reason);
  });
});

describe('the first line of an input', () => {
  it('is put together from pieces', async () => {
    const io = capturedIo({ stdin: '{"a":"a long line"}\nrest' });
    expect(await readLine(io.stdin[Symbol.asyncIterator]())).toBe('{"a":"a long line"}');
  });
  it('has a limit', async () => {
    async function* endless(): AsyncGenerator<string> {
      for (;;) yield 'x'.repeat(65_536);
    }
    await expect(readLine(endless())).rejects.toThrow('too long');
  });
});
