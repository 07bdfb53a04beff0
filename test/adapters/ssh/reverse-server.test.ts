import { once } from 'node:events';
import { duplexPair, type Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ReverseServer, reverseServerLimits } from '../../../src/adapters/ssh/reverse-server.ts';
import type { Fault } from '../../../src/errors.ts';

/** The machine's end of a connection that the server has taken. */
function connected(server: ReverseServer): Duplex {
  const [machine, daemon] = duplexPair();
  server.take(daemon);
  machine.on('error', () => undefined);
  return machine;
}

/** Everything that the server says until it closes. */
async function answerTo(connection: Duplex, body: string): Promise<string> {
  connection.write(
    `POST /x HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  let heard = '';
  for await (const chunk of connection) heard += String(chunk);
  return heard;
}

describe('the server behind the reverse tunnel', () => {
  it('answers several requests on one connection', async () => {
    const server = new ReverseServer(
      async ({ body }) => ({ status: 200, body: `"${body.toString()}"` }),
      () => undefined,
    );
    const connection = connected(server);
    connection.write('POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\n1');
    connection.write('POST /b HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\n2');
    let heard = '';
    while (!heard.includes('"2"')) heard += String((await once(connection, 'data'))[0]);
    expect(heard.match(/HTTP\/1.1 200/g)).toHaveLength(2);
  });

  it('answers 500 for a receiver that throws, and tells its code to whoever listens', async () => {
    const faults: Fault[] = [];
    const server = new ReverseServer(
      () => Promise.reject(new TypeError('x')),
      (fault) => faults.push(fault),
    );
    expect(await answerTo(connected(server), 'a')).toMatch(/^HTTP\/1.1 500 /);
    expect(faults.map(({ code }) => code)).toEqual(['WIRE_BROKEN']);
  });

  it('gives a body up that exceeds the limit, and one that never ends', async () => {
    let calls = 0;
    const server = new ReverseServer(
      async () => ({ status: 200 + calls++, body: '' }),
      () => undefined,
      { ...reverseServerLimits, bodyBytesMax: 10, requestTimeoutMs: 50 },
    );
    expect(await answerTo(connected(server), 'a'.repeat(11))).toMatch(/^HTTP\/1.1 413 /);
    const slow = connected(server);
    slow.resume().write('POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab');
    await once(slow, 'end');
    expect(calls).toBe(0);
  });

  it('is full at its limit, and has room again when a connection ends', async () => {
    const server = new ReverseServer(
      async () => ({ status: 200, body: '' }),
      () => undefined,
      { ...reverseServerLimits, connectionsMax: 1 },
    );
    const [machine, daemon] = duplexPair();
    server.take(daemon);
    expect(server.isFull).toBe(true);
    machine.resume().end();
    await once(daemon, 'close');
    expect(server.isFull).toBe(false);
  });

  it('drops what is open when it closes', async () => {
    const server = new ReverseServer(
      async () => ({ status: 200, body: '' }),
      () => undefined,
    );
    const connection = connected(server);
    server.close();
    await once(connection.resume(), 'end');
    expect(connection.readableEnded).toBe(true);
  });
});
