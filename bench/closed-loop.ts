import type { ExpectedBody } from './answer-reader.ts';
import { type AnswerSeen, LoadConnection } from './load-connection.ts';
import type { Exchange } from './traffic.ts';

export interface LoadSeen {
  readonly answers: number;
  readonly failed: number;
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** Ascending, milliseconds. */
  readonly totalMs: readonly number[];
  /** Ascending, milliseconds; of answers that had a body. */
  readonly firstByteMs: readonly number[];
}

export interface ClosedLoop {
  /** Each connection sends its next request when its answer is complete, until `durationMs` are over. */
  runFor(durationMs: number): Promise<LoadSeen>;
  /** Each connection makes `count` exchanges; they start evenly within `staggerMs`. */
  runTimes(count: number, staggerMs: number): Promise<LoadSeen>;
  close(): void;
}

/** So many callers, each with one keep-alive connection that lasts from run to run. */
export function closedLoop(
  port: number,
  callers: number,
  { request, answer }: { readonly request: Exchange['request']; readonly answer: ExpectedBody },
): ClosedLoop {
  const connections = Array.from({ length: callers }, () => new LoadConnection(port));

  /** `hasNext` is asked before each exchange with the number that this caller has made. */
  function run(hasNext: (made: number) => boolean, staggerMs: number): Promise<LoadSeen> {
    const tally = new Tally();
    return new Promise((resolve) => {
      let busy = connections.length;
      const drive = (connection: LoadConnection, made: number): void => {
        if (!hasNext(made)) {
          busy -= 1;
          if (busy === 0) resolve(tally.seen());
          return;
        }
        connection.exchange(request, answer, (seen) => {
          tally.note(seen);
          drive(connection, made + 1);
        });
      };
      for (const [index, connection] of connections.entries()) {
        if (staggerMs === 0) drive(connection, 0);
        else setTimeout(() => drive(connection, 0), (staggerMs * index) / callers);
      }
    });
  }

  return {
    runFor: (durationMs) => {
      const untilMs = performance.now() + durationMs;
      return run(() => performance.now() < untilMs, 0);
    },
    runTimes: (count, staggerMs) => run((made) => made < count, staggerMs),
    close: () => {
      for (const connection of connections) connection.vanish();
    },
  };
}

/** Counts answers and keeps their times. */
export class Tally {
  readonly #startedMs = performance.now();
  readonly #totalMs: number[] = [];
  readonly #firstByteMs: number[] = [];
  #failed = 0;

  note(answer: AnswerSeen): void {
    this.#totalMs.push(answer.totalMs);
    if (answer.firstByteMs !== null) this.#firstByteMs.push(answer.firstByteMs);
    if (!answer.isRight) this.#failed += 1;
  }

  seen(): LoadSeen {
    return {
      answers: this.#totalMs.length,
      failed: this.#failed,
      seconds: (performance.now() - this.#startedMs) / 1_000,
      totalMs: this.#totalMs.toSorted((a, b) => a - b),
      firstByteMs: this.#firstByteMs.toSorted((a, b) => a - b),
    };
  }
}
