import type { ErrorCode, Fault } from '../errors.ts';
import type { UnixMs } from '../units.ts';

/** What has been told of one alert. One a key; it outlives the alert for a while, to notice that it comes and goes. */
export interface Incident {
  readonly key: string;
  /** Of this occurrence: messages of one incident bear it. */
  readonly id: string;
  readonly kind: string;
  readonly severity: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly openedAt: UnixMs;
  /** Last message about it being open; null when nobody was told. */
  readonly toldAt: UnixMs | null;
  /** Messages so far. */
  readonly tellings: number;
  /** Since when the alert is not open any more; null while it is. */
  readonly absentSince: UnixMs | null;
  /** When the end was told. */
  readonly recoveredAt: UnixMs | null;
  /** How often it came back soon after its end. */
  readonly flaps: number;
}

export type NoticeStatus = 'queued' | 'sent' | 'refused' | 'expired' | 'dropped';

/** One message on its way to one channel. */
export interface NoticeRecord {
  readonly id: number;
  readonly channel: string;
  /** JSON text of the message. */
  readonly body: string;
  readonly status: NoticeStatus;
  readonly createdAt: UnixMs;
  readonly attempts: number;
  readonly finishedAt: UnixMs | null;
  readonly fault: Fault | null;
}

interface LedgerChange {
  readonly keep: readonly Incident[];
  /** Keys. */
  readonly forget: readonly string[];
  readonly notices: readonly { readonly channel: string; readonly body: string }[];
}

/** Incidents and the outbox of their messages: what was decided and what is still to be sent change in one commit. */
export interface AlertLedger {
  incidents(): readonly Incident[];
  /** One transaction. Beyond the bound the oldest queued message of the channel is dropped. Throws STORE_BROKEN. */
  record(change: LedgerChange, at: UnixMs): void;
  /** The oldest queued message of a channel. */
  next(channel: string): NoticeRecord | undefined;
  countAttempt(id: number, fault: Fault): void;
  finish(id: number, status: Exclude<NoticeStatus, 'queued'>, at: UnixMs, fault?: Fault): void;
  /** Newest first. */
  history(limit: number): readonly NoticeRecord[];
  /** How many messages of each channel are in which status; those long finished are forgotten. */
  totals(): readonly { readonly channel: string; readonly status: NoticeStatus; readonly count: number }[];
}
