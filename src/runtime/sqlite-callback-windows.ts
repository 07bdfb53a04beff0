import type { DatabaseSync } from 'node:sqlite';
import type { BlockHeight, UnixMs } from '../units.ts';

/** Callbacks that wait for the end of one window. */
export interface WaitingWindow {
  readonly windowEndHeight: BlockHeight;
  readonly callbacks: number;
  readonly oldestAt: UnixMs;
}

/** Callbacks of one window that came to nothing. */
export interface LostWindow {
  readonly windowEndHeight: BlockHeight;
  readonly refused: number;
  readonly expired: number;
}

/** The relay's outbox by window, for alerts and metrics: counts, never bodies. */
export interface CallbackWindows {
  waiting(): readonly WaitingWindow[];
  /** Of windows that ended after that height. */
  lostSince(height: number): readonly LostWindow[];
  /** Since the store was made. */
  nonces(): { readonly delivered: number; readonly refused: number; readonly expired: number };
}

export function createSqliteCallbackWindows(database: DatabaseSync): CallbackWindows {
  const waiting = database.prepare(
    `SELECT window_end_height, count(*) AS callbacks, min(received_at) AS oldest_at
     FROM outbox GROUP BY window_end_height`,
  );
  const lost = database.prepare(
    `SELECT window_end_height, sum(iif(outcome = 'refused', callbacks, 0)) AS refused,
       sum(iif(outcome = 'expired', callbacks, 0)) AS expired
     FROM outbox_outcome WHERE outcome != 'delivered' AND window_end_height > ? GROUP BY window_end_height`,
  );
  const nonces = database.prepare(
    'SELECT outcome, sum(nonces) AS nonces FROM outbox_outcome GROUP BY outcome',
  );
  return {
    waiting: () =>
      waiting.all().map((row) => ({
        windowEndHeight: row['window_end_height'] as BlockHeight,
        callbacks: Number(row['callbacks']),
        oldestAt: row['oldest_at'] as UnixMs,
      })),
    lostSince: (height) =>
      lost.all(height).map((row) => ({
        windowEndHeight: row['window_end_height'] as BlockHeight,
        refused: Number(row['refused']),
        expired: Number(row['expired']),
      })),
    nonces: () => {
      const of = new Map(nonces.all().map((row) => [row['outcome'], Number(row['nonces'])]));
      return {
        delivered: of.get('delivered') ?? 0,
        refused: of.get('refused') ?? 0,
        expired: of.get('expired') ?? 0,
      };
    },
  };
}
