import type { DatabaseSync } from 'node:sqlite';
import type { OutboxOutcome } from './outbox.ts';
import { inTransaction } from './sqlite-database.ts';

/** The callbacks of one window (two windows a PoC) at one moment. */
export interface CallbackSample {
  readonly windowEndHeight: number;
  /** Unix milliseconds of the daemon's clock. */
  readonly at: number;
  /** `generated` or `validated`. */
  readonly kind: string;
  readonly queuedCallbacks: number;
  readonly queuedNonces: number;
  /** Taken by the Network Node. */
  readonly deliveredCallbacks: number;
  readonly deliveredNonces: number;
  /** Refused by it, or too late. */
  readonly undeliverableCallbacks: number;
  readonly undeliverableNonces: number;
}

/** Durable series of the relay's work, bounded. */
export interface CallbackSamples {
  add(samples: readonly CallbackSample[]): void;
  /** Oldest first. */
  ofWindow(windowEndHeight: number): readonly CallbackSample[];
  /** What has left the outbox for that window so far. */
  outcomes(
    windowEndHeight: number,
  ): readonly { readonly outcome: OutboxOutcome; readonly callbacks: number; readonly nonces: number }[];
}

/** Some hundred lines an epoch: half a year of them. */
const keptMs = 180 * 86_400_000;

export function createSqliteCallbackSamples(database: DatabaseSync): CallbackSamples {
  const add = database.prepare('INSERT OR REPLACE INTO callback_sample VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const forget = database.prepare('DELETE FROM callback_sample WHERE at < ?');
  const ofWindow = database.prepare(
    `SELECT window_end_height AS windowEndHeight, at, kind, queued_callbacks AS queuedCallbacks,
       queued_nonces AS queuedNonces, delivered_callbacks AS deliveredCallbacks, delivered_nonces AS deliveredNonces,
       undeliverable_callbacks AS undeliverableCallbacks, undeliverable_nonces AS undeliverableNonces
     FROM callback_sample WHERE window_end_height = ? ORDER BY at`,
  );
  const outcomes = database.prepare(
    'SELECT outcome, callbacks, nonces FROM outbox_outcome WHERE window_end_height = ?',
  );
  return {
    add: (samples) => {
      inTransaction(database, () => {
        for (const one of samples) {
          add.run(
            one.windowEndHeight,
            Math.round(one.at),
            one.kind,
            one.queuedCallbacks,
            one.queuedNonces,
            one.deliveredCallbacks,
            one.deliveredNonces,
            one.undeliverableCallbacks,
            one.undeliverableNonces,
          );
          forget.run(Math.round(one.at - keptMs));
        }
      });
    },
    ofWindow: (windowEndHeight) => ofWindow.all(windowEndHeight) as unknown as CallbackSample[],
    outcomes: (windowEndHeight) =>
      outcomes.all(windowEndHeight) as unknown as ReturnType<CallbackSamples['outcomes']>,
  };
}
