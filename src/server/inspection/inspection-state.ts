import type { LeaseRow, OpenAlert, RowView } from '../../runtime/interface.ts';

type Json = Readonly<Record<string, unknown>>;

/** The answer of `GET /v1/state`. */
export interface InspectionState {
  /** The daemon's clock (Unix milliseconds), its pace, and who it is. */
  readonly daemon: {
    readonly now: number;
    readonly timeScale: number;
    readonly version: string;
    readonly nodeId: string;
    readonly startedAt: number;
  };
  /** Head, phase and stages as last seen. */
  readonly chain: Json | null;
  /** What happens next, at which height and about when. */
  readonly plan: Json | null;
  /** Spent, reserved and capped. */
  readonly money: Json;
  /** Outbox totals and counters of the relay. */
  readonly relay: Json;
  /** The inference back end and the counters of the inference port. */
  readonly upstream: Json;
  /** What the ML node API presents. */
  readonly service: Json;
  /** Every open row of every chart. */
  readonly machines: readonly RowView[];
  readonly leases: readonly LeaseRow[];
  readonly alerts: readonly OpenAlert[];
}
