import { type LoadSeen, Tally } from './closed-loop.ts';
import { LoadConnection } from './load-connection.ts';
import type { Exchange } from './traffic.ts';

export interface OpenLoopOptions {
  readonly port: number;
  readonly exchange: Exchange;
  readonly perSecond: number;
  readonly durationMs: number;
}

/**
 * Callers who come at a fixed rate, however slow the answers are. Times count from the moment at which a request was
 * due, so that a stall is seen by everybody who would have come in it. A new connection is opened when all are busy.
 */
export function openLoop({ port, exchange, perSecond, durationMs }: OpenLoopOptions): Promise<LoadSeen> {
  const tally = new Tally();
  const all: LoadConnection[] = [];
  const free: LoadConnection[] = [];
  const startedMs = performance.now();
  const due = Math.floor((perSecond * durationMs) / 1_000);
  let sent = 0;
  let done = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const nowMs = performance.now();
      while (sent < due && (sent * 1_000) / perSecond <= nowMs - startedMs) {
        send(startedMs + (sent * 1_000) / perSecond);
        sent += 1;
      }
    }, 1);
    function send(dueMs: number): void {
      const connection = free.pop() ?? opened();
      const lateMs = performance.now() - dueMs;
      connection.exchange(exchange.request, exchange.answer, (seen) => {
        tally.note({ ...seen, totalMs: seen.totalMs + lateMs });
        free.push(connection);
        done += 1;
        if (done === due) end();
      });
    }
    function opened(): LoadConnection {
      const connection = new LoadConnection(port);
      all.push(connection);
      return connection;
    }
    function end(): void {
      clearInterval(timer);
      for (const connection of all) connection.vanish();
      resolve(tally.seen());
    }
  });
}
