import type { Alert, LeaseColumns } from '../machines/writes.ts';
import type { MicroUsd } from '../units.ts';
import type { RowEvent } from './interface.ts';
import type { DeadlineRecord, IntentRecord, TimerRecord } from './store.ts';

/** One thing that a step does beside moving its row to another state, in the order in which the chart did it. */
export type RowWrite =
  | { readonly kind: 'openIntent'; readonly intent: IntentRecord }
  | { readonly kind: 'closeIntent'; readonly intentId: string }
  | { readonly kind: 'armTimer'; readonly timer: TimerRecord }
  | { readonly kind: 'dropTimer'; readonly id: string }
  | { readonly kind: 'armHeight'; readonly deadline: DeadlineRecord }
  | { readonly kind: 'dropHeight'; readonly id: string }
  | { readonly kind: 'takeInbox'; readonly inboxId: number }
  | { readonly kind: 'tell'; readonly to: string; readonly event: RowEvent }
  | { readonly kind: 'keepLease'; readonly columns: LeaseColumns }
  | { readonly kind: 'reserve'; readonly amount: MicroUsd }
  | { readonly kind: 'settle'; readonly amount: MicroUsd }
  | { readonly kind: 'raiseAlert'; readonly alert: Alert }
  | { readonly kind: 'clearAlert'; readonly key: string };
