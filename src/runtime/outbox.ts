import type { BlockHeight, UnixMs } from '../units.ts';

/** A callback on its way to the Network Node. */
export interface OutboxEntry {
  readonly id: number;
  readonly leaseId: string;
  readonly kind: 'generated' | 'validated';
  /** Absolute URL at the Network Node, path and query byte for byte as the machine posted them. */
  readonly url: string;
  readonly body: Buffer;
  readonly receivedAt: UnixMs;
  /** After this height the Network Node takes it no more. */
  readonly windowEndHeight: BlockHeight;
  readonly attempts: number;
  /** Distinct nonces in the body, for the books. */
  readonly nonceCount: number;
}

export type OutboxOutcome = 'delivered' | 'refused' | 'expired';

export interface OutboxTotals {
  readonly queued: number;
  readonly delivered: number;
  readonly refused: number;
  readonly expired: number;
}

/** Durable queue of callbacks (invariant I9): `put` has committed when it returns. Bounded. */
export interface Outbox {
  /** Throws RELAY_FULL, or STORE_BROKEN when the commit failed; the machine then keeps the batch. */
  put(entry: Omit<OutboxEntry, 'id' | 'attempts'>): OutboxEntry;
  /** Undelivered entries, oldest first. */
  pending(limit: number): readonly OutboxEntry[];
  countAttempt(id: number): void;
  finish(id: number, outcome: OutboxOutcome): void;
  totals(): OutboxTotals;
  /** What became of the callbacks whose window ends at that height (two windows a PoC: generated, validated). */
  within(windowEndHeight: BlockHeight): {
    readonly deliveredNonces: number;
    readonly deliveredCallbacks: number;
    readonly undeliverable: number;
    readonly queued: number;
  };
  /** The same machine by machine; one that posted nothing is absent. */
  byLease(windowEndHeight: BlockHeight): readonly LeaseTotals[];
}

/** Callbacks of one machine and one window. */
export interface LeaseTotals {
  readonly leaseId: string;
  readonly deliveredNonces: number;
  readonly deliveredCallbacks: number;
  readonly undeliverable: number;
  readonly queued: number;
  /** Distinct in each of the callbacks that wait. */
  readonly queuedNonces: number;
}
