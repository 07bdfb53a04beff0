import type { FastifyBaseLogger } from 'fastify';
import type { InferenceCounters } from './counters.ts';
import type { InferenceDesk } from './desk.ts';
import type { InferenceCall } from './inference-call.ts';
import { OpenCalls } from './open-calls.ts';

export interface CallRoomOptions {
  readonly desk: InferenceDesk;
  readonly counters: InferenceCounters;
  readonly log: FastifyBaseLogger;
  /** How late a limit may be noticed, real milliseconds. @default 1 000 */
  readonly sweepPeriodMs?: number;
}

/** Requests that may wait for a turn at a time. */
const waitingMax = 64;

/** What the calls of one gateway share. */
export class CallRoom {
  readonly desk: InferenceDesk;
  readonly counters: InferenceCounters;
  readonly log: FastifyBaseLogger;
  readonly calls: OpenCalls<InferenceCall>;
  #waiting = 0;

  constructor(options: CallRoomOptions) {
    this.desk = options.desk;
    this.counters = options.counters;
    this.log = options.log;
    this.calls = new OpenCalls(options.sweepPeriodMs ?? 1_000);
  }

  /** Calls `go` after a wait for a turn, real milliseconds; undefined when too many wait already. */
  waitForTurn(waitMs: number, go: () => void): { cancel(): void } | undefined {
    if (this.#waiting >= waitingMax) return undefined;
    this.#waiting += 1;
    let isOver = false;
    const leave = (): boolean => {
      if (isOver) return false;
      isOver = true;
      this.#waiting -= 1;
      return true;
    };
    const timer = setTimeout(() => leave() && go(), waitMs);
    return {
      cancel: () => {
        clearTimeout(timer);
        leave();
      },
    };
  }
}
