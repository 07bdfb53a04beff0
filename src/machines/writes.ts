import type { ErrorCode } from '../errors.ts';
import type { BlockHeight, MicroUsd, MicroUsdPerHour, Milliseconds, UnixMs } from '../units.ts';

/**
 * What a chart may do beside moving to another state: rows that the runtime writes in the same transaction as the
 * step itself. The functions here do nothing on purpose. XState's pure `transition()` hands their names and params
 * to the runtime, which performs them; so a chart stays pure, and a write can neither be lost nor happen twice.
 * Every other custom action in a durable chart is a fault that the runtime refuses.
 */
type Write<Params> = (args: unknown, params: Params) => void;
const write: Write<never> = () => {};

/** Params of `tell`: an event for another row, applied exactly once, in order per sender. */
export interface Telling {
  readonly to: string;
  readonly event: { readonly type: string; readonly [field: string]: unknown };
}

/** Params of `open`: a new row of another chart. A row that exists already is left alone (a replay after a crash). */
export interface Opening {
  readonly chart: string;
  readonly id: string;
  readonly input: unknown;
}

/** Params of `armHeight`: the event comes when the chain reaches `height`, or after `ceilingMs` if the chain halts. */
export interface HeightDeadline {
  /** Names the deadline inside its row; arming it again replaces it. */
  readonly id: string;
  readonly height: BlockHeight;
  readonly event: { readonly type: string };
  /** A halted chain must not wait, paid, for ever. The event then carries `ceiling: true`. */
  readonly ceilingMs: Milliseconds;
}

/**
 * Params of `keepLease`: what any later version must be able to read without the snapshot, so that it can release
 * the machine. Absent fields stay as they are.
 */
export interface LeaseColumns {
  readonly label?: string;
  readonly instanceId?: number | null;
  readonly price?: MicroUsdPerHour;
  readonly ttlUntil?: UnixMs;
  readonly isGone?: boolean;
}

/** Params of `reserve` and `settle`: worst case before create, metered cost at the end. */
export interface Reservation {
  readonly amount: MicroUsd;
}

export interface Alert {
  /** One open alert a key; raising it again only renews it. */
  readonly key: string;
  readonly code: ErrorCode;
  readonly message: string;
}

export const writes = {
  tell: write as Write<Telling>,
  open: write as Write<Opening>,
  armHeight: write as Write<HeightDeadline>,
  disarmHeight: write as Write<{ readonly id: string }>,
  keepLease: write as Write<LeaseColumns>,
  reserve: write as Write<Reservation>,
  settle: write as Write<Reservation>,
  raiseAlert: write as Write<Alert>,
  clearAlert: write as Write<{ readonly key: string }>,
};

export type WriteName = keyof typeof writes;
