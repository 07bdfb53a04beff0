import type { Notice } from '../../alerts/notice.ts';

export type ChannelName = 'webhook' | 'telegram' | 'discord' | 'slack' | 'mail';

/** One way to a person. Its name is all that ever appears of it: addresses of channels are secrets. */
export interface Channel {
  readonly name: ChannelName;
  /**
   * Resolves once the other side has taken the message. May deliver twice: it is called again when the answer was
   * lost. Throws NOTIFY_UNREACHABLE, NOTIFY_RATE_LIMITED (`retryAfterMs`, real, where the other side says it),
   * NOTIFY_REFUSED (never this message), NOTIFY_KEY_REFUSED (no message before somebody mends the settings), ABORTED.
   */
  send(notice: Notice, signal: AbortSignal): Promise<void>;
}
