import type { AlertKindName, Severity } from './alert-kinds.ts';

export type NoticeEvent =
  /** Somebody is told for the first time. */
  | 'raised'
  /** It became more severe. */
  | 'worsened'
  /** It is still so. */
  | 'reminder'
  | 'recovered'
  /** `hybrid-mlnode alerts test`. */
  | 'test';

/** One message as every channel gets it, and as the web hook posts it. Plain JSON, without secrets and prompts. */
export interface Notice {
  /** The same for every try of the same message: a receiver that has seen it can leave it out. */
  readonly id: string;
  /** The same for all messages about one occurrence. */
  readonly incident: string;
  readonly event: NoticeEvent;
  readonly kind: AlertKindName | 'test';
  readonly severity: Severity;
  readonly title: string;
  /** What exactly is the case. */
  readonly message: string;
  /** The first thing to do. */
  readonly advice: string;
  readonly runbook: string;
  /** Of docs/reference/errors.md. */
  readonly code: string;
  /** Which one, among alerts of the kind. */
  readonly key: string;
  /** MLNODE_ID. */
  readonly node: string;
  /** ISO 8601; since when it has been so, and when this was decided. */
  readonly since: string;
  readonly at: string;
}
