import { type AddressInfo, createServer, type Socket } from 'node:net';
import { EventWheel } from './event-wheel.ts';
import { leanSocket } from './lean-socket.ts';
import { MockExchange, type MockManner } from './mock-exchange.ts';

export interface MockBackEnd {
  readonly port: number;
  /** Requests of which the mock owes an answer or the rest of one. */
  readonly openRequests: number;
  /** Requests that came, since the start. */
  readonly requests: number;
  /** `performance.now()` of every connection that was closed while its request was open. */
  readonly abandonedAtMs: readonly number[];
  /** How requests from now on are answered. */
  behave(manner: MockManner): void;
  close(): Promise<void>;
}

/**
 * An OpenAI-compatible back end on loopback that does next to nothing: prepared bytes, one wheel for all streams.
 * Every event is written by itself, so that the gateway meets each one alone.
 */
export async function openMockBackEnd(): Promise<MockBackEnd> {
  const wheels = new Map<number, EventWheel>();
  const wheelOf = (pauseMs: number): EventWheel => {
    const wheel = wheels.get(pauseMs) ?? new EventWheel(pauseMs);
    wheels.set(pauseMs, wheel);
    return wheel;
  };
  const sockets = new Set<Socket>();
  const exchanges = new Set<MockExchange>();
  const abandonedAtMs: number[] = [];
  let manner: MockManner = { kind: 'answer', pauseMs: 10 };
  let requests = 0;

  const server = createServer({ noDelay: true, pauseOnConnect: true }, (accepted) => {
    const socket = leanSocket(accepted, (bytes) => exchange.take(bytes));
    const exchange = new MockExchange(socket, () => {
      requests += 1;
      return { manner, wheelOf };
    });
    sockets.add(socket);
    exchanges.add(exchange);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (exchange.isOpen) abandonedAtMs.push(performance.now());
      exchange.end();
      sockets.delete(socket);
      exchanges.delete(exchange);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4_096, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get openRequests() {
      return [...exchanges].filter((exchange) => exchange.isOpen).length;
    },
    get requests() {
      return requests;
    },
    abandonedAtMs,
    behave(next) {
      manner = next;
    },
    close: () =>
      new Promise((resolve) => {
        for (const wheel of wheels.values()) wheel.stop();
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
